/// How an index is made, and whose it is: its settings and mapping, and the names that stand for it.
///
/// Thread-safety: values; what asks the server waits for it.
/// Errors: as index.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "projections/elastic/client.hpp"
#include "projections/projection_store.hpp"

namespace souk::elastic {

/// What an index must be.
struct IndexShape {
  LogIdentity log;
  std::string schema;    ///< of the documents
  std::string analyzer;  ///< of the server's; empty: none
};

/// What the server is told to make; `alias`: under which it is written to.
std::string definition_of(const IndexShape& shape, const std::string& alias, bool building);
/// Whether an index whose mapping the server has shown is of this shape.
Result<void> check_shape(const std::string& mapping, const std::string& index, const IndexShape& shape);

/// The generations of a prefix that are there and of the log.
Result<std::vector<std::uint64_t>> generations_of(Client& client, const std::string& alias, const LogIdentity& log);
/// The name stands for the index alone from now on.
Result<void> point_alias(Client& client, const std::string& alias, const std::string& index, Duration longest);
/// Whether the name stands for the index and for nothing else.
Result<bool> is_alias_of(Client& client, const std::string& alias, const std::string& index);
/// Nothing happens where there is none.
Result<void> drop_index(Client& client, const std::string& index);

}  // namespace souk::elastic
