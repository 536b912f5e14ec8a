/// How search is set up by the configuration, and its figures.
#pragma once

#include "app/config.hpp"
#include "projections/elastic/options.hpp"

namespace souk {

class Metrics;
class Projections;

/// What can be wrong with it before anything is opened: files, and half of a name with its password.
/// Errors: kInvalid "config.invalid".
Result<void> check_search(const Config& config);

/// No addresses unless Elasticsearch is the backend.
elastic::Options elastic_options(const Config& config);

/// Compares its index with the log of the data directory, prints what was found, and returns the exit code for it.
int diff_elastic(const Config& config);

/// What was asked of Elasticsearch, if it is the backend, and written to it. Projections must outlive their use.
void add_elastic_figures(Metrics& metrics, Projections& projections);

}  // namespace souk
