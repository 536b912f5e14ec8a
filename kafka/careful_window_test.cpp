#include "kafka/careful_window.hpp"

#include <doctest/doctest.h>

#include <vector>

using souk::kafka::CarefulWindow;

namespace {

/// How many are let through until it has to be opened.
std::size_t drain(CarefulWindow& window) {
  std::size_t taken = 0;
  while (window.is_on() && window.take_one()) ++taken;
  return taken;
}

std::vector<std::size_t> next(CarefulWindow& window, std::size_t times) {
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < times; ++i) {
    window.open_next();
    sizes.push_back(drain(window));
  }
  return sizes;
}

using Sizes = std::vector<std::size_t>;

}  // namespace

TEST_CASE("before anything has failed nobody is careful") {
  CarefulWindow window(100);
  CHECK_FALSE(window.is_on());
  CHECK_FALSE(window.is_alone());
  CHECK(window.take_one());
}

TEST_CASE("after a failure one goes alone, then ever more, and at the end all") {
  CarefulWindow window(10);
  window.narrow(true);
  CHECK_FALSE(window.take_one());
  window.open_next();
  CHECK(window.is_alone());
  CHECK(drain(window) == 1);
  CHECK((next(window, 3) == Sizes{2, 4, 8}));
  CHECK(window.is_on());
  window.open_next();
  CHECK_FALSE(window.is_on());
}

TEST_CASE("where there is no more than one at a time, one is alone") {
  CarefulWindow window(1);
  window.narrow(true);
  CHECK((next(window, 3) == Sizes{1, 1, 1}));
  CHECK(window.is_alone());
}

TEST_CASE("what was refused together is tried in halves, until one was refused alone") {
  CarefulWindow window(100);
  window.narrow(true);
  CHECK((next(window, 4) == Sizes{1, 2, 4, 8}));
  window.narrow(true);
  CHECK((next(window, 5) == Sizes{1, 2, 4, 4, 4}));
  window.narrow(true);
  CHECK((next(window, 3) == Sizes{1, 2, 2}));
  window.narrow(true);
  window.open_next();
  CHECK(window.is_alone());
  window.narrow(true);
  CHECK((next(window, 4) == Sizes{1, 2, 4, 8}));
}

TEST_CASE("where none is refused alone, more are tried together only after a long calm") {
  CarefulWindow window(100);
  window.narrow(true);
  CHECK((next(window, 2) == Sizes{1, 2}));
  window.narrow(true);
  CHECK(next(window, 64) == Sizes(64, 1));
  CHECK((next(window, 2) == Sizes{2, 2}));
}

TEST_CASE("a failure of something else says nothing of how many may go together") {
  CarefulWindow window(100);
  window.narrow(true);
  CHECK((next(window, 3) == Sizes{1, 2, 4}));
  window.narrow(false);
  CHECK((next(window, 4) == Sizes{1, 2, 4, 8}));
}
