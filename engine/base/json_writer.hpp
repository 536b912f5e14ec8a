/// Writing JSON text: appends to a string, always escaping, with no spaces.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace souk {

/// The caller keeps the order right (key before value, begin before end); commas are put in here.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  /// `name` must need no escaping: it is a field name of ours.
  void key(std::string_view name);
  /// A key made of data.
  void escaped_key(std::string_view name);

  void string(std::string_view text);
  void integer(std::int64_t value);
  void unsigned_integer(std::uint64_t value);
  void number(double value);
  void boolean(bool value);
  void null();
  /// Text that is a JSON value already.
  void raw(std::string_view json);

 private:
  void separate() {
    if (comma_) out_.push_back(',');
    comma_ = true;
  }
  void open(char c) {
    separate();
    out_.push_back(c);
    comma_ = false;
  }
  void close(char c) {
    out_.push_back(c);
    comma_ = true;
  }

  std::string& out_;
  bool comma_ = false;
};

}  // namespace souk
