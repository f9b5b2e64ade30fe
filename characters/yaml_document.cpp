#include "characters/document.hpp"
#include "characters/plain_text.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>

namespace troupe::characters {
namespace {

constexpr std::string_view core_tag = "tag:yaml.org,2002:";

struct refusal {
  place at;
  std::string rule;
};

place place_of(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
}

/// Makes the values from the parser's events. Not from its node graph: there an
/// alias costs nothing until somebody walks it, and what is refused here is
/// refused before it is made.
class builder : public YAML::EventHandler {
 public:
  document take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    begin(mark);
    end({document::kind::null, place_of(mark)}, anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const auto where = place_of(mark);
    begin(mark, value.size());
    if (auto fault = fault_in(value)) throw refusal{where, "a text must not hold " + fault->what};
    const auto of_core = tag.starts_with(core_tag) ? tag.substr(core_tag.size()) : std::string();
    if (of_core.empty() && !tag.empty() && tag != "?" && tag != "!") refuse_tag(where);
    const bool is_text = tag == "!" || of_core == "str" || of_core == "timestamp" || of_core == "binary";
    if (!is_text) return end(plain_scalar(value, where), anchor);
    document made{document::kind::text, where};
    made.text = value;
    end(std::move(made), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto where = place_of(mark);
    auto known = anchors_.find(anchor);
    if (known == anchors_.end()) throw refusal{where, "an alias must not stand inside of what it stands for"};
    const auto more = known->second.size();
    count(where, more.values, more.bytes);
    if (open_.size() + more.depth > deepest_document) refuse_depth(where);
    document copy = known->second;
    copy.at = where;
    end(std::move(copy), YAML::NullAnchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, "seq", document::kind::list, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, "map", document::kind::mapping, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  /// A list or a mapping that has begun.
  struct unfinished {
    document value;
    YAML::anchor_t anchor = YAML::NullAnchor;
    bool has_key = false;  ///< the last member waits for its value
  };

  [[noreturn]] static void refuse_depth(place where) {
    throw refusal{where, "the document must not be nested more than " + std::to_string(deepest_document) + " deep"};
  }
  [[noreturn]] static void refuse_tag(place where) { throw refusal{where, "only YAML's own tags are allowed"}; }

  void count(place where, std::size_t values, std::size_t bytes) {
    values_ += values;
    bytes_ += bytes;
    if (bytes_ > most_document_bytes)
      throw refusal{where, "the document must not hold more than " + std::to_string(most_document_bytes)
                               + " bytes of text, aliases counted with what they stand for"};
    if (values_ > most_document_values)
      throw refusal{where, "the document must not hold more than " + std::to_string(most_document_values)
                               + " values, aliases counted with what they stand for"};
  }

  void begin(const YAML::Mark& mark, std::size_t bytes = 0) {
    count(place_of(mark), 1, bytes);
    if (open_.size() >= deepest_document) refuse_depth(place_of(mark));
  }

  void open(const YAML::Mark& mark, const std::string& tag, std::string_view own_tag, document::kind is,
            YAML::anchor_t anchor) {
    begin(mark);
    if (!tag.empty() && tag != "?" && tag != "!" && tag != std::string(core_tag) + std::string(own_tag))
      refuse_tag(place_of(mark));
    open_.push_back({{is, place_of(mark)}, anchor});
  }

  void close() {
    auto done = std::move(open_.back());
    open_.pop_back();
    end(std::move(done.value), done.anchor);
  }

  void end(document value, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = value;
    if (open_.empty()) {
      root_ = std::move(value);
      return;
    }
    auto& parent = open_.back();
    if (parent.value.is == document::kind::list) {
      parent.value.items.push_back(std::move(value));
    } else if (parent.has_key) {
      parent.value.members.back().value = std::move(value);
      parent.has_key = false;
    } else {
      if (!value.is_scalar()) throw refusal{value.at, "a key must be a text"};
      parent.value.members.push_back({std::move(value.text), value.at, {}});
      parent.has_key = true;
    }
  }

  document root_;
  std::vector<unfinished> open_;
  std::map<YAML::anchor_t, document> anchors_;
  std::size_t values_ = 0;
  std::size_t bytes_ = 0;
};

/// Anything else after the one document is a mistake that would go unseen.
class no_more : public YAML::EventHandler {
  [[noreturn]] static void refuse(const YAML::Mark& mark) {
    throw refusal{place_of(mark), "the file must hold one document only"};
  }
  void OnDocumentStart(const YAML::Mark& mark) override { refuse(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { refuse(mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t, const std::string&) override {
    refuse(mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    refuse(mark);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    refuse(mark);
  }
  void OnMapEnd() override {}
};

place place_in(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  const auto line_start = before.rfind('\n');
  return {static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1,
          offset - (line_start == before.npos ? 0 : line_start + 1) + 1};
}

}  // namespace

expected<document> read_yaml(std::string_view text, std::string_view file) {
  auto refuse = [&](place where, const std::string& rule) {
    return failure{failure_kind::invalid, at(file, where) + ": " + rule};
  };
  // Before the parser sees it: that would take it for UTF-16, or replace it.
  if (auto fault = fault_in(text))
    return refuse(place_in(text, fault->offset), "the file must not hold " + fault->what);
  std::istringstream stream{std::string(text)};
  builder made;
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(made)) return refuse({}, "the file must not be empty");
    no_more rest;
    parser.HandleNextDocument(rest);
  } catch (const refusal& thrown) {
    return refuse(thrown.at, thrown.rule);
  } catch (const YAML::Exception& thrown) {
    return refuse(place_of(thrown.mark), "this is not YAML: " + thrown.msg);
  }
  return made.take();
}

}  // namespace troupe::characters
