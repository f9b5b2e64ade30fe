#include "models/provider.hpp"

namespace troupe::models {

std::optional<std::vector<float>> read_vector(std::optional<json_element> array) {
  simdjson::dom::array numbers;
  if (!array || array->get(numbers)) return std::nullopt;
  std::vector<float> out;
  out.reserve(numbers.size());
  for (const json_element each : numbers) {
    double number = 0;
    if (each.get(number)) return std::nullopt;
    out.push_back(static_cast<float>(number));
  }
  return out;
}

}  // namespace troupe::models
