/// The lines of a catalogue that is imported, from a file or from standard input.
#pragma once

#include <fstream>
#include <string>

namespace souk {

class CatalogueInput {
 public:
  /// "-": standard input.
  explicit CatalogueInput(std::string name);

  /// False if there is nothing to read; said on standard error.
  [[nodiscard]] bool is_open() const { return is_open_; }
  /// The next line that is not empty; false at the end. `number` counts all lines, from 1.
  bool next(std::string& line, std::size_t& number);
  /// False when the input broke off before its end; said on standard error.
  [[nodiscard]] bool ended_well() const;

 private:
  std::string name_;
  std::ifstream file_;
  std::istream& in_;
  bool is_open_ = true;
};

/// What became of the rows of an import.
struct ImportCounts {
  std::size_t created = 0;
  std::size_t changed = 0;
  std::size_t unchanged = 0;
  std::size_t refused = 0;
};

/// Tells standard error which line was refused and why.
void tell_refused(std::size_t line, const std::string& reason, const std::string& detail);
/// Tells what became of the rows and returns the exit code for it.
int tell_imported(const ImportCounts& counts, const CatalogueInput& input);

}  // namespace souk
