#include "gateway/catalogue/answer_cache.hpp"

#include <doctest/doctest.h>

namespace souk {
namespace {

std::shared_ptr<KeptAnswer> answer(std::size_t size, bool is_lasting = true) {
  auto kept = std::make_shared<KeptAnswer>();
  kept->basis.is_lasting = is_lasting;
  kept->body = std::make_shared<const std::string>(size, 'x');
  return kept;
}

}  // namespace

TEST_CASE("an answer is found by its key, the last one that was kept") {
  AnswerCache answers(100'000);
  CHECK(answers.find("tea") == nullptr);
  answers.keep("tea", answer(1));
  answers.keep("tea", answer(2));
  CHECK(answers.find("tea")->body->size() == 2);
  CHECK(answers.find("pot") == nullptr);
}

TEST_CASE("an answer that may be made otherwise at any time is not kept") {
  AnswerCache answers(100'000);
  answers.keep("tea", answer(1, false));
  CHECK(answers.find("tea") == nullptr);
}

TEST_CASE("answers need no more bytes than they may, and the one that was not asked for the longest goes first") {
  AnswerCache answers(10'000);
  for (const char* key : {"a", "b", "c"}) answers.keep(key, answer(2'500));
  CHECK(answers.find("a") != nullptr);
  answers.keep("d", answer(2'500));
  CHECK(answers.find("b") == nullptr);
  CHECK(answers.find("a") != nullptr);
  CHECK(answers.figures().bytes <= 10'000);
  answers.keep("e", answer(20'000));
  CHECK(answers.find("e") == nullptr);
}

}  // namespace souk
