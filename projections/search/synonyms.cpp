#include "projections/search/synonyms.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "projections/search/text.hpp"

namespace souk::search {

namespace {

constexpr std::uintmax_t kBytesMax = 1 << 20;
constexpr std::size_t kLinesMax = 10'000;
constexpr std::size_t kEntriesMax = 20;
/// How often the file is looked at.
constexpr std::int64_t kLookEveryMs = 1'000;

std::int64_t now_ms() {
  const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_start).count();
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(at, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

Result<std::vector<WordList>> read_entries(std::string_view text, std::size_t line) {
  const auto invalid = [&](const char* what) {
    return fail(ErrorCode::kInvalid, "search.synonyms_invalid", "line " + std::to_string(line) + ": " + what);
  };
  std::vector<WordList> entries;
  for (const auto part : split(text, ',')) {
    WordList words;
    for (auto& word : query_words(part)) words.push_back(std::move(word.text));
    if (words.empty()) return invalid("an entry has no word");
    entries.push_back(std::move(words));
  }
  if (entries.size() > kEntriesMax) return invalid("too many entries");
  return entries;
}

}  // namespace

Result<Synonyms> Synonyms::parse(std::string_view text) {
  Synonyms synonyms;
  const auto lines = split(text, '\n');
  if (lines.size() > kLinesMax) return fail(ErrorCode::kInvalid, "search.synonyms_invalid", "too many lines");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto line = lines[i].substr(0, lines[i].find('#'));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const auto arrow = line.find("=>");
    const bool one_way = arrow != std::string_view::npos;
    const auto from = read_entries(line.substr(0, arrow), i + 1);
    const auto to = one_way ? read_entries(line.substr(arrow + 2), i + 1) : from;
    if (!from || !to) return tl::unexpected<Error>(from ? to.error() : from.error());
    for (const auto& entry : *from) {
      for (const auto& other : *to) {
        if (other != entry) synonyms.add(entry, other);
      }
    }
  }
  return synonyms;
}

void Synonyms::add(const WordList& words, const WordList& other) {
  auto& same_beginning = entries_[words.front()];
  auto entry = std::ranges::find(same_beginning, words, &Entry::words);
  if (entry == same_beginning.end()) entry = same_beginning.insert(entry, Entry{words, {}});
  if (std::ranges::find(entry->others, other) == entry->others.end()) entry->others.push_back(other);
}

Synonyms::Match Synonyms::find(const std::vector<std::string>& words, std::size_t first) const {
  Match longest;
  const auto found = entries_.find(words[first]);
  if (found == entries_.end()) return longest;
  for (const auto& entry : found->second) {
    const auto size = entry.words.size();
    if (size <= longest.size || first + size > words.size()) continue;
    if (std::equal(entry.words.begin(), entry.words.end(), words.begin() + static_cast<std::ptrdiff_t>(first))) {
      longest = {size, &entry.others};
    }
  }
  return longest;
}

bool SynonymFile::is_due() const {
  return !path_.empty() && (looked_ms_ < 0 || now_ms() - looked_ms_ >= kLookEveryMs);
}

void SynonymFile::refresh() {
  if (!is_due()) return;
  looked_ms_ = now_ms();
  look();
}

std::optional<Error> SynonymFile::take_problem() {
  return std::exchange(problem_, std::nullopt);
}

void SynonymFile::look() {
  std::error_code failure;
  const auto changed = std::filesystem::last_write_time(path_, failure);
  const auto size = failure ? 0 : std::filesystem::file_size(path_, failure);
  const auto stamp =
      failure ? failure.message() : std::to_string(changed.time_since_epoch().count()) + "/" + std::to_string(size);
  if (stamp == stamp_) return;
  stamp_ = stamp;
  const auto keep = [&](std::string what) {
    problem_ = Error{ErrorCode::kInvalid, "search.synonyms_invalid", path_ + ": " + std::move(what)};
  };
  if (failure) return keep(failure.message());
  if (size > kBytesMax) return keep("it is longer than 1 MiB");
  std::ifstream file(path_, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return keep("it cannot be read");
  auto parsed = Synonyms::parse(text.str());
  if (!parsed) return keep(parsed.error().detail);
  synonyms_ = std::move(*parsed);
  ++version_;
}

}  // namespace souk::search
