#include "engine/base/json_writer.hpp"

#include <array>
#include <charconv>
#include <cstring>

namespace souk {
namespace {

/// 0: as it is; 'u': \u00XX; else the letter behind the backslash.
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> table{};
  for (std::size_t i = 0; i < 0x20; ++i) table[i] = 'u';
  table[0x7f] = 'u';
  table['"'] = '"';
  table['\\'] = '\\';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  return table;
}
constexpr auto kEscapes = make_escapes();

/// Whether any of eight bytes may need escaping; it may say so for nothing, but never misses one.
bool may_need_escape(const char* eight) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  std::uint64_t x = 0;
  std::memcpy(&x, eight, sizeof x);
  const auto below = [&](std::uint64_t limit) { return (x - kOnes * limit) & ~x; };
  const auto equals = [&](std::uint64_t byte) { return ((x ^ kOnes * byte) - kOnes) & ~(x ^ kOnes * byte); };
  return ((below(0x20) | equals('"') | equals('\\') | equals(0x7f)) & kHighs) != 0;
}

/// The index of the first byte from `i` on that needs escaping, or the size.
std::size_t find_escape(std::string_view text, std::size_t i) {
  while (i + 8 <= text.size() && !may_need_escape(text.data() + i)) i += 8;
  while (i < text.size() && kEscapes[static_cast<unsigned char>(text[i])] == 0) ++i;
  return i;
}

void append_escaped(std::string& out, unsigned char byte) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const char escape = kEscapes[byte];
  out.push_back('\\');
  out.push_back(escape);
  if (escape != 'u') return;
  out.append("00");
  out.push_back(kHex[byte >> 4]);
  out.push_back(kHex[byte & 15]);
}

void append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  for (std::size_t start = 0;;) {
    const std::size_t end = find_escape(text, start);
    out.append(text, start, end - start);
    if (end == text.size()) break;
    append_escaped(out, static_cast<unsigned char>(text[end]));
    start = end + 1;
  }
  out.push_back('"');
}

template <class T>
void append_number(std::string& out, T value) {
  std::array<char, 32> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out.append(buffer.data(), result.ptr);
}

}  // namespace

void JsonWriter::key(std::string_view name) {
  separate();
  out_.push_back('"');
  out_.append(name);
  out_.append("\":");
  comma_ = false;
}

void JsonWriter::escaped_key(std::string_view name) {
  separate();
  append_quoted(out_, name);
  out_.push_back(':');
  comma_ = false;
}

void JsonWriter::string(std::string_view text) {
  separate();
  append_quoted(out_, text);
}

void JsonWriter::integer(std::int64_t value) {
  separate();
  append_number(out_, value);
}

void JsonWriter::unsigned_integer(std::uint64_t value) {
  separate();
  append_number(out_, value);
}

void JsonWriter::number(double value) {
  separate();
  append_number(out_, value);
}

void JsonWriter::boolean(bool value) {
  separate();
  out_.append(value ? "true" : "false");
}

void JsonWriter::null() {
  separate();
  out_.append("null");
}

void JsonWriter::raw(std::string_view json) {
  separate();
  out_.append(json);
}

}  // namespace souk
