/// Calls to Alipay's gateway as they are sent: the parameters that every call has, and their signature.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/time.hpp"
#include "payments/alipay/account.hpp"
#include "peers/http_client.hpp"

namespace souk::alipay {

/// Alipay's calendar and clock are China's, which knows no summer time.
inline constexpr Duration kChina = Duration::seconds(8 * 3'600);

/// "2026-11-23 15:31:46" in China.
std::string china_time(Time time);

/// What a call says besides its business content.
struct CallLinks {
  std::string notify_url = {};
  std::string return_url = {};
};

/// A call by POST: the parameters in the address, the content in the body; the signature is over both.
HttpRequest signed_call(const Account& account, std::string_view method, std::string_view content_json, Time now,
                        const CallLinks& links = {});

/// The same call as an address to be opened in a browser.
std::string signed_address(const Account& account, std::string_view method, std::string_view content_json, Time now,
                           const CallLinks& links = {});

}  // namespace souk::alipay
