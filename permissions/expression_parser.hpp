/// Reads conditions: `g(r.sub, p.sub) && keyMatch2(r.obj, p.obj) && r.act in ("GET", "HEAD")`.
///
/// From loose to tight: `||`, `&&`, `!`, one comparison (`== != < <= > >= in`), `+ -`, `* /`, a minus before a value.
/// Comparisons do not follow one another. `in` has a list at its right side: `(a, b)`, `[a, b]`, an attribute that is
/// one, or one value in parentheses. Errors: kInvalid "permissions.condition" with the place and what is wrong there.
/// Limits: kExpressionBytesMax, kExpressionDepthMax, kExpressionNodesMax.
/// Source: Casbin, "Syntax for models"; `!` binds looser than comparisons, as in the package for Python.
#pragma once

#include <memory>
#include <string_view>

#include "engine/base/result.hpp"
#include "permissions/expression.hpp"

namespace souk::permissions {

Result<std::shared_ptr<const Expression>> parse_expression(std::string_view text, const Scope& scope);

}  // namespace souk::permissions
