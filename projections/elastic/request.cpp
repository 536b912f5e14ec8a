#include "projections/elastic/request.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/codec.hpp"
#include "projections/search/selection.hpp"
#include "projections/search/text.hpp"

namespace souk::elastic {

namespace {

using search::WordGroup;

/// As many parts of a query as every server takes; what has more is for the other backend.
constexpr std::size_t kClausesMax = 1'000;
constexpr std::int64_t kAnalyzedPoints = search::kWeights.description;

/// Writes one request. `between` puts what it is called with between the ends of an object or an array.
class Body {
 public:
  explicit Body(const Asked& asked) : asked_(asked), out_(text_) {
    if (asked.words != nullptr)
      groups_ = static_cast<std::int64_t>(std::max<std::size_t>(asked.words->groups.size(), 1));
  }

  std::string write(Duration timeout) {
    object([&] {
      out_.key("size");
      // One more says whether there are more.
      out_.unsigned_integer(asked_.query.limit + 1);
      out_.key("track_total_hits");
      out_.boolean(true);
      out_.key("_source");
      out_.boolean(false);
      out_.key("timeout");
      out_.string(std::to_string(std::max<std::int64_t>(timeout.us / 1'000, 1)) + "ms");
      key_object("query", [&] { key_object("bool", [&] { write_query(); }); });
      write_order();
      if (asked_.query.facets) write_facets();
    });
    return std::move(text_);
  }

 private:
  template <class Inside>
  void object(const Inside& inside) {
    out_.begin_object();
    inside();
    out_.end_object();
  }
  template <class Inside>
  void key_object(std::string_view key, const Inside& inside) {
    out_.key(key);
    object(inside);
  }
  template <class Inside>
  void key_array(std::string_view key, const Inside& inside) {
    out_.key(key);
    out_.begin_array();
    inside();
    out_.end_array();
  }

  template <class Value>
  void term(std::string_view field, const Value& value) {
    object([&] {
      key_object("term", [&] {
        out_.key(field);
        codec::write(out_, value);
      });
    });
  }

  /// So many points for what the filter finds.
  template <class Filter>
  void points(std::int64_t count, const Filter& filter) {
    object([&] {
      key_object("constant_score", [&] {
        out_.key("filter");
        filter();
        out_.key("boost");
        out_.integer(count);
      });
    });
  }

  /// A field of the document, so many times, and some more.
  void points_of_field(std::string_view field, std::int64_t times, std::int64_t more) {
    key_array("functions", [&] {
      if (more > 0) {
        object([&] {
          out_.key("weight");
          out_.integer(more);
        });
      }
      object([&] {
        key_object("field_value_factor", [&] {
          out_.key("field");
          out_.string(field);
          out_.key("factor");
          out_.integer(times);
          out_.key("missing");
          out_.integer(0);
        });
      });
    });
    out_.key("score_mode");
    out_.string("sum");
    out_.key("boost_mode");
    out_.string("replace");
  }

  void write_query() {
    key_array("filter", [&] { write_filters(); });
    if (asked_.words != nullptr) key_array("must", [&] { write_words(); });
    key_array("should", [&] {
      object(
          [&] { key_object("function_score", [&] { points_of_field("rank", groups_ * search::kDoubledSales, 0); }); });
      points(groups_ * search::kInStock, [&] { term("in_stock", true); });
    });
  }

  void write_filters() {
    const auto& query = asked_.query;
    term("seen", true);
    if (query.category) term("within", *query.category);
    if (query.brand) term("brand", *query.brand);
    if (query.in_stock) term("in_stock", *query.in_stock);
    if (!query.price_min && !query.price_max) return;
    object([&] {
      key_object("range", [&] {
        key_object("price", [&] {
          if (query.price_min) {
            out_.key("gte");
            out_.integer(*query.price_min);
          }
          if (query.price_max) {
            out_.key("lte");
            out_.integer(*query.price_max);
          }
        });
      });
    });
  }

  void write_words() {
    if (!asked_.has_analyzer) {
      write_groups();
      return;
    }
    object([&] {
      key_object("dis_max", [&] {
        key_array("queries", [&] {
          write_groups();
          points(groups_ * kAnalyzedPoints, [&] {
            object([&] {
              key_object("match", [&] {
                key_object("text", [&] {
                  out_.key("query");
                  out_.string(asked_.words->corrected.value_or(asked_.query.text));
                  out_.key("operator");
                  out_.string("and");
                });
              });
            });
          });
        });
      });
    });
  }

  void write_groups() {
    const auto& wanted = *asked_.words;
    object([&] {
      key_object("bool", [&] {
        key_array("should", [&] {
          for (const auto& group : wanted.groups) write_group(group);
        });
        out_.key("minimum_should_match");
        out_.integer(wanted.need == search::Need::kAll ? groups_ : (groups_ + 1) / 2);
      });
    });
  }

  void write_group(const WordGroup& group) {
    object([&] {
      key_object("dis_max", [&] {
        key_array("queries", [&] {
          for (const auto& words : group.alternatives) {
            const auto size = static_cast<std::int64_t>(words.size());
            object([&] {
              key_object("bool", [&] {
                key_array("must", [&] {
                  for (const auto& word : words) write_word(word, size);
                });
              });
            });
          }
        });
      });
    });
  }

  /// One of `size` words of an alternative, by the best field that it stands in.
  void write_word(const std::string& word, std::int64_t size) {
    object([&] {
      key_object("dis_max", [&] {
        key_array("queries", [&] {
          object([&] {
            key_object("function_score", [&] {
              out_.key("query");
              points(1, [&] { term("name", word); });
              points_of_field("share", groups_, search::kWeights.name / size);
            });
          });
          points(search::kWeights.facts / size, [&] { term("facts", word); });
          points(search::kWeights.description / size, [&] { term("description", word); });
        });
      });
    });
  }

  void sort_by(std::string_view field, std::string_view direction) {
    object([&] {
      out_.key(field);
      out_.string(direction);
    });
  }

  void write_order() {
    const auto& query = asked_.query;
    const auto sort = query.sort;
    key_array("sort", [&] {
      if (sort == SearchSort::kRelevance) sort_by("_score", "desc");
      if (sort == SearchSort::kPrice) sort_by("price", "asc");
      if (sort == SearchSort::kPriceDescending) sort_by("price", "desc");
      if (sort == SearchSort::kSales) sort_by("sold", "desc");
      sort_by("created", "desc");
    });
    if (!query.after) return;
    key_array("search_after", [&] {
      if (sort != SearchSort::kNewest) out_.integer(sort == SearchSort::kPrice ? -query.after->key : query.after->key);
      out_.unsigned_integer(query.after->created);
    });
  }

  void count_by(std::string_view field) {
    key_object(field, [&] {
      key_object("terms", [&] {
        out_.key("field");
        out_.string(field);
        out_.key("size");
        out_.unsigned_integer(SearchFacets::kValuesMax);
        out_.key("order");
        out_.raw(R"([{"_count":"desc"},{"_key":"asc"}])");
      });
    });
  }

  void write_facets() {
    key_object("aggs", [&] {
      count_by("category");
      count_by("brand");
      key_object("price", [&] {
        key_object("range", [&] {
          out_.key("field");
          out_.string("price");
          key_array("ranges", [&] {
            for (std::size_t band = 0; band < kPriceBands.size(); ++band) {
              object([&] {
                out_.key("from");
                out_.integer(kPriceBands[band]);
                if (band + 1 == kPriceBands.size()) return;
                out_.key("to");
                out_.integer(kPriceBands[band + 1]);
              });
            }
          });
        });
      });
    });
  }

  const Asked& asked_;
  std::int64_t groups_ = 1;  ///< everything counts so many times
  std::string text_;
  JsonWriter out_;
};

}  // namespace

Result<std::string> body_of(const Asked& asked, Duration timeout) {
  std::size_t clauses = 0;
  if (asked.words != nullptr) {
    for (const auto& group : asked.words->groups) {
      for (const auto& words : group.alternatives) clauses += 3 * words.size();
    }
  }
  if (clauses > kClausesMax) {
    return fail(ErrorCode::kUnavailable, "search.unavailable",
                "the query has too many words and synonyms for this backend");
  }
  return Body(asked).write(timeout);
}

}  // namespace souk::elastic
