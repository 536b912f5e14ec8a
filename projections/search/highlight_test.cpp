#include "projections/search/highlight.hpp"

#include <doctest/doctest.h>

namespace souk::search {

TEST_CASE("what was found is marked, and the text is safe in a page") {
  CHECK(highlight("明前龍井 Longjing <b>Tea</b> & \"pot\"", FoundWords({"龙井", "tea"})) ==
        "明前<em>龍井</em> Longjing &lt;b&gt;<em>Tea</em>&lt;/b&gt; &amp; &quot;pot&quot;");
  CHECK(highlight("it's", FoundWords()) == "it&#39;s");
  CHECK(highlight("", FoundWords({"tea"})).empty());
}

TEST_CASE("a snippet is the part of a text around what was found") {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "很长";
  text += "龙井茶";
  for (int i = 0; i < 50; ++i) text += "的话";
  CHECK(snippet(text, FoundWords({"龙井"}), 12) == "…长很长<em>龙井</em>茶的话的话的话…");
  CHECK(snippet(text, FoundWords(), 4) == "很长很长…");
  CHECK(snippet("short tea", FoundWords({"tea"}), 12) == "short <em>tea</em>");
  CHECK(snippet("a long way to the tea", FoundWords({"tea"}), 10) == "…to the <em>tea</em>");
}

TEST_CASE("a snippet begins and ends where characters do") {
  const std::string family = "\U0001f468\u200d\U0001f469\u200d\U0001f467";
  std::string text;
  for (int i = 0; i < 30; ++i) text += family;
  text += "tea ";
  for (int i = 0; i < 30; ++i) text += "e\u0301";
  for (std::size_t size = 4; size < 24; ++size) {
    CAPTURE(size);
    const auto cut = snippet(text, FoundWords({"tea"}), size);
    const std::string before = cut.substr(std::string("…").size(), cut.find("<em>") - std::string("…").size());
    CHECK(before.size() % family.size() == 0);
    CHECK((cut.ends_with("\u0301…") || cut.ends_with("</em>…") || cut.ends_with("</em> …")));
  }
}

}  // namespace souk::search
