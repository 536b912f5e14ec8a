/// Where the events of a feed were sent to and which of them, written down beside its checkpoint: the one says nothing
/// without the other.
///
/// Errors: kConflict "kafka.other_destination" with what to do; those of SQLite.
#pragma once

#include <string>

#include "kafka/feed_options.hpp"

namespace souk::kafka {

/// Whether topics, kinds and types are those that the file at `path`, which has to be there, was fed with. Fewer kinds
/// or types are taken for what it is from now on; of more the topics would lack all that came before. `is_new`: nothing
/// was sent yet, so that anything will do.
Result<void> check_destination(const std::string& path, const FeedOptions& options, bool is_new);

/// Whether the topics are in this cluster. The first one that is asked for is.
Result<void> check_cluster(const std::string& path, const std::string& cluster);

}  // namespace souk::kafka
