/// What the search by Elasticsearch is told when it is opened.
#pragma once

#include <string>
#include <vector>

#include "engine/base/time.hpp"

namespace souk::elastic {

struct Options {
  std::vector<std::string> urls;      ///< of nodes of one cluster; none: there is no such search
  std::string index_prefix = "souk";  ///< an index is called PREFIX-products-GENERATION, its alias PREFIX-products
  std::string analyzer;               ///< one that the server knows, which finds more than our words do; empty: none
  std::string username;               ///< empty: nobody says who asks
  std::string password;
  std::string api_key;  ///< as the server encodes it; used instead of name and password
  std::string ca_file;  ///< certificates that are trusted; empty: the system's
  Duration query_timeout = Duration::milliseconds(1'000);  ///< if there is another node, it has half of it
  Duration write_timeout = Duration::milliseconds(4'000);
  Duration lag_max = Duration::milliseconds(5'000);  ///< an index further behind is not asked
  int breaker_failures_max = 5;
  Duration breaker_open_for = Duration::milliseconds(5'000);
};

}  // namespace souk::elastic
