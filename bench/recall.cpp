/// Recall quality and latency (DESIGN §13).
///
/// Quality: every pair's fact among all facts and 1,000 made-up ones; how often
/// its question finds it first (hit@1) or in the first five (hit@5). "fused" is
/// what an agent recalls with, "similarity" one vector per text alone; the
/// baseline is word match alone. Latency: a space of 50,000 against a naive
/// float scan, asked in turns in the same run.
///
/// `bench_recall --tune` prints hit@5 and mean reciprocal rank on the tuning
/// half for a grid of settings; `--facts N` prints N made-up facts;
/// `--misses` names the pairs of the tuning half that were not found.

#include "bench/recall_corpus.hpp"
#include "models/offline_embedder.hpp"
#include "storage/recall_index.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>

using namespace troupe;
using namespace troupe::bench;
using storage::recall_index;

namespace {

constexpr std::int64_t now_ms = 1'700'000'000'000;

enum class half : std::uint8_t { tune, test, test_none, test_some, all };
enum class method : std::uint8_t { fused, similarity, words };

struct quality {
  double hit1 = 0;
  double hit5 = 0;
  double reciprocal_rank = 0;
};

std::shared_ptr<const embedder> unowned(const embedder& embedder) {
  return {std::shared_ptr<const void>(), &embedder};
}

void add(recall_index& index, const models::offline_embedder& embedder, const std::string& text) {
  memory_record record;
  record.id = index.size() + 1;
  record.text = text;
  record.kind = "fact";
  record.created_at = record.updated_at = now_ms;
  record.embedding = embedder.embed(text).value();
  if (auto stored = index.put(std::move(record)); stored.has_error())
    std::fprintf(stderr, "%s\n", stored.error().message.c_str());
}

recall_index fill(const std::vector<recall_pair>& pairs, const std::vector<std::string>& others,
                  const models::offline_embedder& embedder, const storage::recall_weights& weights) {
  recall_index index(weights, unowned(embedder));
  // Between the others, so that neither age nor order favours them.
  for (std::size_t i = 0; i < others.size(); ++i) {
    const std::size_t gap = std::max<std::size_t>(1, others.size() / pairs.size());
    if (i % gap == 0 && i / gap < pairs.size()) add(index, embedder, pairs[i / gap].fact);
    add(index, embedder, others[i]);
  }
  return index;
}

std::size_t rank_of(const recall_index& index, const recall_pair& pair, const models::offline_embedder& embedder,
                    method how) {
  recall_options options;
  options.k = 20;
  const auto vector = how == method::words ? std::vector<float>() : embedder.embed(pair.question).value();
  const std::string query = how == method::similarity ? std::string() : pair.question;
  const auto hits = index.recall(query, vector, options, now_ms);
  for (std::size_t i = 0; i < hits.size(); ++i)
    if (hits[i].record.text == pair.fact) return i + 1;
  return 0;
}

quality measure(const recall_index& index, const std::vector<recall_pair>& pairs,
                const models::offline_embedder& embedder, half which, method how, bool print_misses = false) {
  quality result;
  double count = 0;
  for (const recall_pair& pair : pairs) {
    if (which != half::all && pair.test != (which != half::tune)) continue;
    if ((which == half::test_none && pair.overlaps) || (which == half::test_some && !pair.overlaps)) continue;
    const std::size_t rank = rank_of(index, pair, embedder, how);
    ++count;
    result.hit1 += rank == 1;
    result.hit5 += rank >= 1 && rank <= 5;
    if (rank != 0) result.reciprocal_rank += 1.0 / static_cast<double>(rank);
    if (print_misses && (rank == 0 || rank > 5))
      std::printf("%zu\t%s\t%s\n", rank, pair.question.c_str(), pair.fact.c_str());
  }
  return {result.hit1 / count, result.hit5 / count, result.reciprocal_rank / count};
}

void try_embedder(const std::vector<recall_pair>& pairs, const std::vector<std::string>& others,
                  const models::offline_embedder_settings& settings) {
  const models::offline_embedder embedder(settings);
  const recall_index index = fill(pairs, others, embedder, {});
  const auto s = measure(index, pairs, embedder, half::tune, method::similarity);
  const auto f = measure(index, pairs, embedder, half::tune, method::fused);
  std::printf(
      "a %.0e answers %.1f components %2zu  similarity: hit@1 %.3f hit@5 %.3f mrr %.3f  fused: %.3f %.3f %.3f\n",
      settings.a, settings.answer_weight, settings.components, s.hit1, s.hit5, s.reciprocal_rank, f.hit1, f.hit5,
      f.reciprocal_rank);
}

void tune(const std::vector<recall_pair>& pairs, const std::vector<std::string>& others) {
  for (float a : {1e-4f, 3e-4f, 1e-3f, 3e-3f})
    for (float answers : {0.0f, 0.3f, 0.5f, 0.7f})
      for (std::size_t components : {4, 6, 8}) {
        models::offline_embedder_settings settings;
        settings.a = a;
        settings.answer_weight = answers;
        settings.components = components;
        try_embedder(pairs, others, settings);
      }
  const models::offline_embedder embedder;
  for (float word_share : {0.0f, 0.02f, 0.05f, 0.1f, 0.2f, 0.4f})
    for (float vector_share : {0.0f, 0.05f, 0.1f, 0.2f, 0.3f}) {
      storage::recall_weights weights;
      weights.word_share = word_share;
      weights.vector_share = vector_share;
      const auto q = measure(fill(pairs, others, embedder, weights), pairs, embedder, half::tune, method::fused);
      std::printf("words %.2f vectors %.2f  fused: hit@1 %.3f hit@5 %.3f mrr %.3f\n", word_share, vector_share, q.hit1,
                  q.hit5, q.reciprocal_rank);
    }
}

void line(const std::string& name, double value, const char* unit, double baseline) {
  std::printf("%-38s %10.4f %-6s baseline %10.4f %-6s %8.2f\n", name.c_str(), value, unit, baseline, unit,
              baseline == 0 ? 0 : value / baseline);
}

void report_quality(const std::vector<recall_pair>& pairs, const std::vector<std::string>& others) {
  const models::offline_embedder embedder;
  const recall_index index = fill(pairs, others, embedder, {});
  const std::pair<half, std::string> parts[] = {{half::test, "_test_half"},
                                                {half::test_none, "_test_no_word_shared"},
                                                {half::test_some, "_test_word_shared"},
                                                {half::all, "_all"}};
  for (const auto& [which, suffix] : parts) {
    const quality words = measure(index, pairs, embedder, which, method::words);
    const quality similarity = measure(index, pairs, embedder, which, method::similarity);
    const quality fused = measure(index, pairs, embedder, which, method::fused);
    line("hit@1_fused" + suffix, fused.hit1, "share", words.hit1);
    line("hit@5_fused" + suffix, fused.hit5, "share", words.hit5);
    line("hit@1_similarity" + suffix, similarity.hit1, "share", words.hit1);
    line("hit@5_similarity" + suffix, similarity.hit5, "share", words.hit5);
  }
}

double elapsed_ms(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - since).count();
}

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

/// What one would write first: a loop over float rows and a partial sort.
std::size_t naive_scan(const std::vector<float>& rows, const std::vector<float>& query, std::size_t k) {
  std::vector<std::pair<float, std::size_t>> scores(rows.size() / query.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    float sum = 0;
    for (std::size_t j = 0; j < query.size(); ++j) sum += rows[i * query.size() + j] * query[j];
    scores[i] = {sum, i};
  }
  std::partial_sort(scores.begin(), scores.begin() + static_cast<std::ptrdiff_t>(k), scores.end(), std::greater<>());
  return scores.front().second;
}

void report_latency(const std::vector<recall_pair>& pairs, std::size_t count) {
  const models::offline_embedder embedder;
  recall_index index({}, unowned(embedder));
  std::vector<float> rows;
  const auto begin = std::chrono::steady_clock::now();
  for (const std::string& fact : made_up_facts(count, 2)) add(index, embedder, fact);
  const double fill_ms = elapsed_ms(begin);
  for (const std::string& fact : made_up_facts(count, 2)) {
    const auto vector = embedder.embed(fact).value();
    rows.insert(rows.end(), vector.begin(), vector.end());
  }
  std::vector<double> recall_times, scan_times, naive_times, embed_times;
  std::size_t sink = 0;
  for (int round = 0; round < 12; ++round) {
    for (const recall_pair& pair : pairs) {
      auto start = std::chrono::steady_clock::now();
      const auto vector = embedder.embed(pair.question).value();
      if (round > 0) embed_times.push_back(elapsed_ms(start));
      start = std::chrono::steady_clock::now();
      sink += index.recall(pair.question, vector, {}, now_ms).size();
      if (round > 0) recall_times.push_back(elapsed_ms(start));
      start = std::chrono::steady_clock::now();
      sink += index.recall("", vector, {}, now_ms).size();
      if (round > 0) scan_times.push_back(elapsed_ms(start));
      start = std::chrono::steady_clock::now();
      sink += naive_scan(rows, vector, 5);
      if (round > 0) naive_times.push_back(elapsed_ms(start));
    }
  }
  const std::string suffix = "_" + std::to_string(count);
  line("recall_median" + suffix, quantile(recall_times, 0.5), "ms", quantile(naive_times, 0.5));
  line("recall_p99" + suffix, quantile(recall_times, 0.99), "ms", quantile(naive_times, 0.99));
  line("recall_without_words_median" + suffix, quantile(scan_times, 0.5), "ms", quantile(naive_times, 0.5));
  line("embed_median", quantile(embed_times, 0.5), "ms", quantile(naive_times, 0.5));
  line("memory_per_record" + suffix, static_cast<double>(index.memory_bytes()) / static_cast<double>(count), "bytes",
       static_cast<double>(rows.size() * sizeof(float)) / static_cast<double>(count));
  line("embed_and_put_per_record" + suffix, fill_ms / static_cast<double>(count), "ms", quantile(naive_times, 0.5));
  std::fprintf(stderr, "kernel %s, %zu hits\n", to_string(storage::best_scan_kernel()), sink);
}

}  // namespace

int main(int argc, char** argv) {
  const auto has = [&](const char* option) { return argc > 1 && std::strcmp(argv[1], option) == 0; };
  if (has("--facts")) {
    for (const auto& fact : made_up_facts(argc > 2 ? std::stoul(argv[2]) : 1000, 1)) std::printf("%s\n", fact.c_str());
    return 0;
  }
  const auto pairs = read_pairs(TROUPE_DATA "/recall/pairs.tsv");
  const auto others = read_lines(TROUPE_DATA "/recall/distractors.txt");
  if (pairs.empty() || others.empty()) {
    std::fprintf(stderr, "no texts in " TROUPE_DATA "/recall\n");
    return 1;
  }
  if (has("--tune")) {
    tune(pairs, others);
  } else if (has("--misses")) {
    const models::offline_embedder embedder;
    measure(fill(pairs, others, embedder, {}), pairs, embedder, half::tune, method::fused, true);
  } else {
    report_quality(pairs, others);
    report_latency(pairs, 50'000);
  }
}
