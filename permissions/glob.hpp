/// Shell patterns for paths: `*` and `?` stand for anything but a slash, `[a-c]` and `[!a-c]` for one of some
/// characters,
/// `\` takes the meaning of what follows.
///
/// Source: POSIX.1-2017 XCU 2.13, with the slash as in filename expansion. Time: the product of both lengths at most.
#pragma once

#include <string_view>

namespace souk::permissions {

/// A pattern that is not well-formed matches nothing.
bool matches_glob(std::string_view text, std::string_view pattern);

}  // namespace souk::permissions
