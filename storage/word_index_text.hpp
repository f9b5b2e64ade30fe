#pragma once

/// \file
/// How the word index reads text: case folding, terms and words.
///
/// A *term* is what Luna's contract (10.1) calls one: a piece of the query
/// between white space, in lower case, punctuation and all. A *word* is what
/// ranking counts: letters and digits only, without its inflection, no
/// function words.
///
/// Thread safety: pure functions. Cost: one pass over the text.

#include <string>
#include <string_view>
#include <vector>

namespace troupe::storage {

/// Lower case of ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic letters;
/// everything else, broken UTF-8 too, stays as it is.
std::string fold_case(std::string_view text);

/// The distinct terms of a query.
std::vector<std::string> query_terms(std::string_view query);

/// The distinct words of a folded text, in order, stemmed; function words left out.
std::vector<std::string> ranking_words(std::string_view folded);

/// "puppies" → "puppi", "walked" → "walk": equal for most forms of one word.
std::string stem(std::string_view word);

}  // namespace troupe::storage
