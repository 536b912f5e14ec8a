/// Who takes payments for the shop, as the gateway knows them.
///
/// Thread-safety: `add`, `sandbox` and `alert` before the server starts; everything else from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "payments/provider.hpp"
#include "payments/sandbox/provider.hpp"

namespace souk {

class PaymentServices {
 public:
  void add(std::string name, Provider& provider) { by_name_.insert_or_assign(std::move(name), &provider); }

  /// Null: payments are not taken through it.
  [[nodiscard]] Provider* find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }

  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [name, provider] : by_name_) names.push_back(name);
    return names;
  }

  sandbox::SandboxProvider* sandbox = nullptr;  ///< null unless it is on
  /// Tells whoever runs the shop of something that a person should look at.
  std::function<void(const std::string& what)> alert = [](const std::string& /*what*/) {};

  struct Figures {
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> refused{0};  ///< authentic, but it did not fit
    std::atomic<std::uint64_t> forged{0};   ///< or unreadable, or about nothing
  };
  mutable Figures notifications;

 private:
  std::map<std::string, Provider*, std::less<>> by_name_;
};

}  // namespace souk
