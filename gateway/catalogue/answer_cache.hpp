/// Answers of searches that are kept until they would be made otherwise: the list of what is found, and the body that
/// was made of it. What makes them void is said in projections/search/embedded_search.hpp.
///
/// Thread-safety: any thread.
/// Limits: bytes of bodies and lists; the answer that was not asked for the longest goes first.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "gateway/catalogue/recently_used.hpp"
#include "projections/search/embedded_search.hpp"

namespace souk {

struct KeptAnswer {
  SearchAnswer answer;
  AnswerBasis basis;
  std::uint64_t names = 0;   ///< the edition of the names that the body shows
  Position named;            ///< of the newest of them
  std::string_view backend;  ///< that found it
  std::uint64_t index = 0;   ///< of Elasticsearch's, where that was it; else 0
  std::shared_ptr<const std::string> body;
};

class AnswerCache {
 public:
  explicit AnswerCache(std::size_t bytes_max) : answers_(bytes_max) {}

  /// Null if there is none.
  std::shared_ptr<const KeptAnswer> find(std::string_view key);
  /// One that is not lasting is not kept.
  void keep(const std::string& key, std::shared_ptr<const KeptAnswer> kept);

  /// A hit is an answer whose body was given as it was.
  using Figures = CacheFigures;
  [[nodiscard]] Figures figures() const;
  void count_hit();
  void count_miss();

 private:
  mutable std::mutex mutex_;
  RecentlyUsed<std::string, std::shared_ptr<const KeptAnswer>> answers_;
  Figures figures_;
};

}  // namespace souk
