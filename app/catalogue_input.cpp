#include "app/catalogue_input.hpp"

#include <cstdio>
#include <filesystem>
#include <iostream>

#include "app/exit_codes.hpp"

namespace souk {

CatalogueInput::CatalogueInput(std::string name)
    : name_(std::move(name)), in_(name_ == "-" ? std::cin : static_cast<std::istream&>(file_)) {
  if (name_ == "-") return;
  file_.open(name_);
  is_open_ = file_ && !std::filesystem::is_directory(name_);
  if (!is_open_) std::fprintf(stderr, "souk: import: cannot read '%s'\n", name_.c_str());
}

bool CatalogueInput::next(std::string& line, std::size_t& number) {
  while (std::getline(in_, line)) {
    ++number;
    if (!line.empty() && line != "\r") return true;
  }
  return false;
}

bool CatalogueInput::ended_well() const {
  if (!in_.bad()) return true;
  std::fprintf(stderr, "souk: import: '%s' broke off; what came before is taken\n", name_.c_str());
  return false;
}

void tell_refused(std::size_t line, const std::string& reason, const std::string& detail) {
  std::fprintf(stderr, "line %zu: %s: %s\n", line, reason.c_str(), detail.c_str());
}

int tell_imported(const ImportCounts& counts, const CatalogueInput& input) {
  std::fprintf(stderr, "souk: import: %zu created, %zu changed, %zu unchanged, %zu refused\n", counts.created,
               counts.changed, counts.unchanged, counts.refused);
  if (!input.ended_well()) return exit_code::kNoInput;
  return counts.refused == 0 ? exit_code::kOk : exit_code::kRowsRefused;
}

}  // namespace souk
