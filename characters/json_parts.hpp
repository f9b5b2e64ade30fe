#pragma once

/// \file
/// Reading what a processed configuration holds without asking for more than
/// it has: an absent part or one of another type reads as the fallback. For
/// documents of ours; what comes from outside is checked (checked_object.hpp).
/// Pure; references live as long as the object.

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace troupe::characters {

std::string text_at(const boost::json::object& from, std::string_view key, std::string_view fallback = {});
double number_at(const boost::json::object& from, std::string_view key, double fallback);
const boost::json::object& object_at(const boost::json::object& from, std::string_view key);
const boost::json::array& array_at(const boost::json::object& from, std::string_view key);

/// The texts of a list whose entries are strings, or objects that hold theirs under `key`.
std::vector<std::string> texts_in(const boost::json::array& list, std::string_view key = {});

/// Any value as a person would write it in a line: "52", "kelp, tides".
std::string in_words(const boost::json::value& value);

std::string joined(const std::vector<std::string>& parts, std::string_view between);

}  // namespace troupe::characters
