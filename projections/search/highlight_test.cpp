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

}  // namespace souk::search
