/// What a list of products is asked for: a category and a brand, by id or by name.
#pragma once

#include <string>

#include "gateway/api_call.hpp"
#include "projections/products.hpp"

namespace souk {

struct WantedProducts {
  ProductFilter filter;
  bool is_none = false;  ///< what is asked for is not there, so nothing is in it
  std::string scope;     ///< of the list's cursors
};

/// `deleted_too`: whether categories and brands that are deleted count as there.
/// Errors: kInvalid "query.duplicate", "query.category_id_invalid", "query.brand_id_invalid", "query.ambiguous".
Result<WantedProducts> read_wanted_products(const ApiCall& call, bool deleted_too);

/// `category_id`, `category`, `brand_id`, `brand`, `limit`, `cursor`, and what else there is.
std::vector<http::ParameterDoc> product_parameters(std::initializer_list<http::ParameterDoc> more);

}  // namespace souk
