#include "projections/search/text.hpp"

#include <doctest/doctest.h>

namespace souk::search {
namespace {

std::string words(std::string_view text) {
  return words_of(text, Singles::kLeftOut);
}

std::string looked_for(std::string_view text) {
  std::string out;
  for (const auto& word : query_words(text)) out += word.is_weak ? "(" + word.text + ") " : word.text + " ";
  return out;
}

std::string marked(std::string_view text, std::vector<std::string> words) {
  const FoundWords found(std::move(words));
  std::string out(text);
  auto spans = find_words(text, found);
  for (auto span = spans.rbegin(); span != spans.rend(); ++span) out.insert(span->end, "]").insert(span->begin, "[");
  return out;
}

}  // namespace

TEST_CASE("words that are looked for are told from all others") {
  const FoundWords words({"龙井", "tea", "茶"});
  for (const char* one : {"龙井", "tea", "茶"}) CHECK(words.contains(one));
  // The last ones differ from them in nothing but the place or the size.
  for (const char* one : {"井龙", "井", "a", "eat", "teas", "te", "龙茶", "aet"}) CHECK_FALSE(words.contains(one));
  CHECK_FALSE(FoundWords().contains("tea"));
}

TEST_CASE("what follows characters that are written without spaces is known") {
  CHECK(continuation_of("明前龍井茶 50 克", "龙") == "井茶");
  CHECK(continuation_of("green 龙井 tea", "明").empty());
  CHECK(continuation_of("green 龙井 tea", "井").empty());
  CHECK(continuation_of("龙，龙井", "龙") == "井");
  CHECK(continuation_of("green tea", "green").empty());
  CHECK(continuation_of("一二三四五六七八九十", "一") == "二三四五六七八九");
  CHECK(common_beginning("龙井茶", "龙井") == "龙井");
  CHECK(common_beginning("龙井", "龍井").empty());
  CHECK(first_character("龙井") == "龙");
}

TEST_CASE("characters written without spaces are indexed as pairs") {
  CHECK(words("明前龙井茶") == "明前 前龙 龙井 井茶");
  CHECK(words("茶") == "");
  CHECK(words_of("龙井茶", Singles::kIndexed) == "龙 龙井 井 井茶 茶");
  CHECK(words_of("茶", Singles::kIndexed) == "茶");
  CHECK(words("急须 きゅうす 주전자") == "急须 きゅ ゅう うす 주전 전자");
}

TEST_CASE("writings of one word are one word") {
  CHECK(words("龍井綠茶") == words("龙井绿茶"));
  CHECK(words("ＴＥＡ　１２") == words("tea 12"));
  CHECK(words("Café crème") == "cafe creme");
  CHECK(words("Cafe\u0301") == "cafe");
  CHECK(words("Smørrebrød Łódź straße") == "smorrebrod lodz strasse");
  CHECK(words("Pu'er Pu’er puer") == "puer puer puer");
  CHECK(words("ｶﾞﾗｽ") == words("ガラス"));
  CHECK(words("ﬁne №5") == "fine no 5");
  CHECK(words("ΌΣΟΣ") == words("όσοσ"));
  // A compatibility ideograph, and one beyond the first plane, of a traditional character.
  CHECK(words("\u8eca\u7da0") == words("\uf902\uf93d"));
  CHECK(words("\U0002f870\u9f8d") == words("\u5bf3\u9f99"));
}

TEST_CASE("marks that may be left out are nothing, and others are part of their word") {
  CHECK(words("قَهْوَة") == words("قهوة"));
  CHECK(words("شَاي أخضر") == words("شاي اخضر"));
  CHECK(words("תֵּה") == words("תה"));
  CHECK(words("हिन्दी चाय").find(' ') == std::string("हिन्दी").size());
  CHECK(count_words("हिन्दी चाय") == 2);
  CHECK(count_words("กาแฟดำ น้ำชา") == 2);
  CHECK(words("ক\u09cb") == words("ক\u09c7\u09be"));
}

TEST_CASE("letters and digits are words of their own") {
  CHECK(words("500g") == words("500 g"));
  CHECK(words("TEA-001") == "tea 001");
  CHECK(words("2.5L不锈钢水壶") == "2 5 l 不锈 锈钢 钢水 水壶");
  CHECK(words("龙井green茶") == "龙井 green");
}

TEST_CASE("a regular plural is its singular") {
  CHECK(words("cups batteries glasses dishes boxes") == "cup battery glass dish box");
  CHECK(words("glass bus iris gas") == "glass bus iris gas");
}

TEST_CASE("a word and its regular plural are one word") {
  for (const char* pair :
       {"hoodie hoodies",  "movie movies", "cookie cookies", "tie ties",     "cherry cherries", "bus buses",
        "virus viruses",   "base bases",   "case cases",     "vase vases",   "house houses",    "lens lenses",
        "canvas canvases", "gas gases",    "iris irises",    "rose roses",   "tomato tomatoes", "mango mangoes",
        "shoe shoes",      "canoe canoes", "use uses",       "cause causes", "glass glasses",   "box boxes",
        "series series",   "pant pants"}) {
    CAPTURE(pair);
    const auto both = words(pair);
    const auto half = both.find(' ');
    CHECK(both.substr(0, half) == both.substr(half + 1));
    // A query is read again in its normal form.
    CHECK(words(both) == both);
  }
}

TEST_CASE("punctuation is no word and ends one") {
  CHECK(words("“茶，壶”—— (tea/pot) 100%!") == "tea pot 100");
  CHECK(words("…!?、。") == "");
  CHECK(words("") == "");
  CHECK(words("'tis rock'n'roll") == "tis rocknroll");
}

TEST_CASE("text that is no UTF-8 is read as far as it is") {
  CHECK(words("tea\xff pot \xe8\x8c") == "tea pot");
  CHECK(words("tea\xc3") == "tea");
}

TEST_CASE("a query's words are those of the index") {
  CHECK(looked_for("龙井茶") == "龙井 井茶 ");
  CHECK(looked_for("茶") == "茶 ");
  CHECK(looked_for("Tea POTS 茶壶") == "tea pot 茶壶 ");
  CHECK(looked_for("tea tea") == "tea ");
}

TEST_CASE("words that say nothing are weak") {
  CHECK(looked_for("a pot for the tea") == "(a) pot (for) (the) tea ");
  CHECK(looked_for("红色的杯子") == "红色 (色的) (的杯) 杯子 ");
  CHECK(looked_for("龙井和茶杯") == "龙井 (井和) (和茶) 茶杯 ");
  CHECK(looked_for("茶 的 和") == "茶 (的) (和) ");
}

TEST_CASE("a character that only particles stand beside is looked for by itself or with them") {
  const auto with_pairs = [](std::string_view text) {
    std::string out;
    for (const auto& word : query_words(text)) {
      out += word.text + (word.pair.empty() ? " " : "|" + word.pair + " ");
      CHECK(!word.is_weak);
    }
    return out;
  };
  CHECK(with_pairs("茶的") == "茶|茶的 ");
  CHECK(with_pairs("我的茶") == "我|我的 茶|的茶 ");
  CHECK(with_pairs("茶和杯") == "茶|茶和 杯|和杯 ");
  CHECK(with_pairs("目的地") == "目|目的 地|的地 ");
  // Before or behind a word it is part of it.
  CHECK(with_pairs("和牛") == "和牛 ");
  CHECK(with_pairs("柔和") == "柔和 ");
  const auto tea = query_words("好茶 茶的").back();
  CHECK(tea.text == "茶");
  CHECK(tea.source_begin == std::string("好茶 ").size());
  CHECK(tea.source_end == std::string("好茶 茶").size());
}

TEST_CASE("a text is blank if nothing of it is seen") {
  for (const char* text : {"", " ", "\t\u3000\u00a0", "\u200b\u200d\ufe0f"}) CHECK(is_blank(text));
  for (const char* text : {"a", "茶", "%", "\"", "…", "\U0001f600"}) CHECK(!is_blank(text));
}

TEST_CASE("a query has no more words than it may") {
  std::string text;
  for (int i = 0; i < 100; ++i) text += std::to_string(1'000 + i) + " ";
  CHECK(query_words(text).size() == kQueryWordsMax);
}

TEST_CASE("equal queries have one normal form") {
  CHECK(normal_form("  Longjing　ＴＥＡ！") == normal_form("longjing tea"));
  CHECK(normal_form("龍井") == "龙井");
  CHECK(normal_form("...") == "");
}

TEST_CASE("what was found is found again in the text as it was written") {
  CHECK(marked("明前龍井 Longjing Teas", {"龙井", "tea"}) == "明前[龍井] Longjing [Teas]");
  CHECK(marked("龙井茶", {"龙井", "井茶"}) == "[龙井茶]");
  CHECK(marked("喝茶", {"茶"}) == "喝[茶]");
  CHECK(marked("Ｃａｆé 2", {"cafe"}) == "[Ｃａｆé] 2");
  CHECK(marked("nothing", {"tea"}) == "nothing");
  CHECK(marked("Cafe\u0301 au lait", {"cafe"}) == "[Cafe\u0301] au lait");
  CHECK(marked("قَهْوَةً", {words("قهوة")}) == "[قَهْوَةً]");
}

TEST_CASE("words are counted without single characters") {
  CHECK(count_words("龙井茶 green tea") == 4);
  CHECK(count_words("茶") == 1);
  CHECK(count_words("") == 0);
}

}  // namespace souk::search
