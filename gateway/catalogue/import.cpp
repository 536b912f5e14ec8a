#include "gateway/catalogue/import.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <unordered_set>

#include "gateway/catalogue/catalogue.hpp"
#include "gateway/catalogue/storefront.hpp"

namespace souk {

Result<std::vector<CatalogueRow>> read_rows(std::string_view body) {
  std::vector<CatalogueRow> rows;
  while (!body.empty()) {
    const auto end = body.find('\n');
    auto line = body.substr(0, end);
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (rows.size() == kImportRowsMax) return fail(ErrorCode::kInvalid, "row.too_many", "there are at most 1,000 rows");
    auto row = read_row(line);
    if (!row) {
      row.error().detail = "row " + std::to_string(rows.size() + 1) + ": " + row.error().detail;
      return tl::unexpected<Error>(std::move(row.error()));
    }
    rows.push_back(std::move(*row));
  }
  if (rows.empty()) return fail(ErrorCode::kInvalid, "row.none", "there are no rows");
  return rows;
}

namespace {

/// A product's row on its way.
struct ProductTask {
  std::size_t row = 0;
  ProductId id;
  std::string category;
  std::string brand;
  StockWish stock;
  product::Put put;
};

/// A category or a brand that shall be there: because a row says so, or because products' rows name it.
template <class Put>
struct NameTask {
  std::optional<std::size_t> row;
  Put put;
};

/// What became of a row.
struct RowResult {
  bool existed = false;
  Verdict verdict = Verdict::kUnchanged;
  std::optional<Error> refusal;
};

struct Import {
  std::vector<NameTask<category_tree::Put>> categories;
  std::vector<NameTask<brands::Put>> brands;
  std::vector<ProductTask> products;
  std::vector<RowResult> results;

  std::mutex mutex;  ///< entities answer on their own threads
  Position position;
  std::size_t missing = 0;
  std::optional<Error> failure;  ///< of the shop, not of a row
};
using ImportPtr = std::shared_ptr<Import>;

/// Many commands for one request: each has an id of its own. Doing them again changes nothing, so they need no key. If
/// there is one, `part` says which of them it is.
CommandMeta meta_of(const ApiCall& call, std::string_view part) {
  CommandMeta meta = call.meta();
  if (meta.has_key) {
    meta.command_id = CommandId{call.api.command_ids.id({"part", meta.command_id.str(), part})};
    return meta;
  }
  meta.fingerprint = {};
  meta.command_id = CommandId{random_id()};
  return meta;
}

/// Whether a refusal is the rules' and thus the row's.
bool is_of_row(const Error& error) {
  return error.code == ErrorCode::kInvalid || error.code == ErrorCode::kConflict || error.code == ErrorCode::kNotFound;
}

/// What an entity said about a row.
template <class E>
void note(Import& import, std::size_t row, const Judged<E>& judged) {
  if (judged.refusal == nullptr) {
    import.results[row].verdict = judged.verdict;
  } else if (is_of_row(*judged.refusal)) {
    import.results[row].refusal = *judged.refusal;
  } else {
    import.failure = *judged.refusal;
  }
}

void answer(const ApiCallPtr& call, const Import& import) {
  if (import.failure) {
    call->refuse(import.position, *import.failure);
    return;
  }
  ImportView view;
  for (std::size_t row = 0; row < import.results.size(); ++row) {
    const auto& result = import.results[row];
    if (result.refusal) {
      view.refused.push_back({static_cast<std::int64_t>(row + 1), result.refusal->reason, result.refusal->detail});
    } else if (result.verdict == Verdict::kUnchanged) {
      ++view.unchanged;
    } else {
      ++(result.existed ? view.changed : view.created);
    }
  }
  call->answer(import.position, http::json_response(200, encode(view)));
}

/// One stock has done all that its row says, or could not; the last of them answers.
void finish_stock(const ApiCallPtr& call, const ImportPtr& import) {
  {
    const std::scoped_lock lock(import->mutex);
    if (--import->missing > 0) return;
  }
  answer(call, *import);
}

void configure_stock(const ApiCallPtr& call, const ImportPtr& import, const ProductTask& task) {
  if (!task.stock.configures()) {
    finish_stock(call, import);
    return;
  }
  call->api.host.ask<Stock>(task.id, task.stock.configuration, meta_of(*call, "configuration " + task.id.str()), {},
                            [call, import, row = task.row](const Judged<Stock>& judged) {
                              {
                                const std::scoped_lock lock(import->mutex);
                                import->position = std::max(import->position, judged.position);
                                const bool is_known = import->results[row].verdict != Verdict::kUnchanged;
                                if (judged.refusal != nullptr || !is_known) note(*import, row, judged);
                              }
                              finish_stock(call, import);
                            });
}

/// What a row says there is does not count for a product that has a stock already: it is what there is to begin with.
void put_stock(const ApiCallPtr& call, const ImportPtr& import, const ProductTask& task) {
  if (task.stock.quantity == 0) {
    configure_stock(call, import, task);
    return;
  }
  AskOptions<Stock> options;
  options.only_at = std::vector{Version{}};
  call->api.host.ask<Stock>(task.id, task.stock.receipt(), meta_of(*call, "receipt " + task.id.str()),
                            std::move(options), [call, import, &task](const Judged<Stock>& judged) {
                              const Error* error = judged.refusal;
                              const bool is_done = error == nullptr || error->code == ErrorCode::kPreconditionFailed;
                              {
                                const std::scoped_lock lock(import->mutex);
                                import->position = std::max(import->position, judged.position);
                                if (!is_done) note(*import, task.row, judged);
                              }
                              if (is_done) {
                                configure_stock(call, import, task);
                              } else {
                                finish_stock(call, import);
                              }
                            });
}

void put_stocks(const ApiCallPtr& call, const ImportPtr& import) {
  std::vector<const ProductTask*> tasks;
  for (const auto& task : import->products) {
    const bool is_said = task.stock.quantity > 0 || task.stock.configures();
    if (is_said && !import->results[task.row].refusal) tasks.push_back(&task);
  }
  if (tasks.empty() || import->failure) {
    answer(call, *import);
    return;
  }
  import->missing = tasks.size();
  for (const auto* task : tasks) put_stock(call, import, *task);
}

/// One after the other, so that lists hold new products in the order of their rows.
void put_next_product(const ApiCallPtr& call, const ImportPtr& import, std::size_t i) {
  while (i < import->products.size() && import->results[import->products[i].row].refusal) ++i;
  if (i == import->products.size() || import->failure) {
    put_stocks(call, import);
    return;
  }
  auto& task = import->products[i];
  call->api.host.ask<Product>(task.id, std::move(task.put), meta_of(*call, "product " + task.id.str()), {},
                              [call, import, i](const Judged<Product>& judged) {
                                call->api.storefront->cards.forget(import->products[i].id);
                                import->position = std::max(import->position, judged.position);
                                note(*import, import->products[i].row, judged);
                                put_next_product(call, import, i + 1);
                              });
}

/// All of them at once: what has to be read from the disk is read side by side, and known when its turn comes.
void load_products(const ApiCallPtr& call, const ImportPtr& import) {
  for (auto& task : import->products) {
    if (import->results[task.row].refusal) continue;
    if (!task.category.empty()) {
      const auto category = call->api.names.find_category(task.category);
      if (category) task.put.category_id = category->id;
    }
    if (!task.brand.empty()) {
      const auto brand = call->api.names.find_brand(task.brand);
      if (brand) task.put.brand_id = brand->id;
    }
    ++import->missing;
  }
  if (import->missing == 0 || import->failure) {
    put_next_product(call, import, import->products.size());
    return;
  }
  for (std::size_t i = 0; i < import->products.size(); ++i) {
    if (import->results[import->products[i].row].refusal) continue;
    call->api.host.read<Product>(import->products[i].id, {}, [call, import, i](const Judged<Product>& judged) {
      {
        const std::scoped_lock lock(import->mutex);
        import->results[import->products[i].row].existed = judged.state.exists;
        if (judged.refusal != nullptr) import->failure = *judged.refusal;
        if (--import->missing > 0) return;
      }
      put_next_product(call, import, 0);
    });
  }
}

/// What a product's row calls its category, or its brand.
const std::string& name_in(const ProductTask& task, const category_tree::Put& /*put*/) {
  return task.category;
}
const std::string& name_in(const ProductTask& task, const brands::Put& /*put*/) {
  return task.brand;
}
const std::string& name_of(const category_tree::Put& put) {
  return put.path;
}
const std::string& name_of(const brands::Put& put) {
  return put.name;
}

/// What could not be made for products' rows refuses every one that needs it.
template <class Put>
void refuse_all(Import& import, const Put& put, const Error& error) {
  for (const auto& product : import.products) {
    if (name_in(product, put) == name_of(put)) import.results[product.row].refusal = error;
  }
}

using Step = void (*)(const ApiCallPtr&, const ImportPtr&);

/// Goes on with `next` once the names are what the entity says.
template <class E>
Then<E> going_on(const ApiCallPtr& call, const ImportPtr& import, Step next) {
  return [=](const Judged<E>& judged) {
    import->position = std::max(import->position, judged.position);
    if (judged.refusal != nullptr) import->failure = *judged.refusal;
    next(call, import);
  };
}

/// One after the other, and then `end`.
template <class E, class Put>
void put_next_name(const ApiCallPtr& call, const ImportPtr& import, typename E::Id id,
                   const std::vector<NameTask<Put>>& tasks, std::size_t i, Step end) {
  if (i == tasks.size()) {
    end(call, import);
    return;
  }
  call->api.host.ask<E>(id, tasks[i].put, meta_of(*call, name_of(tasks[i].put)), {},
                        [=, &tasks](const Judged<E>& judged) {
                          import->position = std::max(import->position, judged.position);
                          if (tasks[i].row) {
                            note(*import, *tasks[i].row, judged);
                          } else if (judged.refusal != nullptr && is_of_row(*judged.refusal)) {
                            refuse_all(*import, tasks[i].put, *judged.refusal);
                          } else if (judged.refusal != nullptr) {
                            import->failure = *judged.refusal;
                          }
                          put_next_name<E>(call, import, id, tasks, i + 1, end);
                        });
}

void put_brands(const ApiCallPtr& call, const ImportPtr& import) {
  if (import->brands.empty()) {
    load_products(call, import);
    return;
  }
  put_next_name<Brands>(call, import, kBrands, import->brands, 0, [](const ApiCallPtr& on, const ImportPtr& of) {
    read_brands(on, going_on<Brands>(on, of, load_products));
  });
}

/// The names are renewed once, when all of them are there: that costs more than putting one.
void put_categories(const ApiCallPtr& call, const ImportPtr& import) {
  if (import->categories.empty()) {
    put_brands(call, import);
    return;
  }
  put_next_name<CategoryTree>(call, import, kCategoryTree, import->categories, 0,
                              [](const ApiCallPtr& on, const ImportPtr& of) {
                                read_categories(on, going_on<CategoryTree>(on, of, put_brands));
                              });
}

/// Sorts rows into what is to be asked of whom.
class Plan {
 public:
  Plan(const Api& api, Import& import) : api_(api), import_(import) {}

  void add(std::size_t row, CategoryRow wanted) {
    import_.results[row].existed = api_.names.find_category(wanted.path).has_value();
    import_.categories.push_back({row, put_of(std::move(wanted))});
  }
  void add(std::size_t row, BrandRow wanted) {
    import_.results[row].existed = api_.names.find_brand(wanted.name).has_value();
    import_.brands.push_back({row, put_of(std::move(wanted))});
  }
  void add(std::size_t row, ProductRow wanted) {
    ProductTask task{row, product_id_for_sku(wanted.sku), wanted.category, wanted.brand, stock_of(wanted), {}};
    if (!seen_.insert(task.id).second) {
      import_.results[row].refusal = Error{ErrorCode::kConflict, "row.duplicate_sku", "sku: an earlier row has it too"};
      return;
    }
    task.put = put_of(std::move(wanted), {}, {});
    // A row that can never be right leaves no category or brand behind.
    if (const auto right = check(task.put, task.stock, api_.options.currencies); !right) {
      import_.results[row].refusal = right.error();
      return;
    }
    if (!task.category.empty() && !api_.names.find_category(task.category) && paths_.insert(task.category).second) {
      import_.categories.push_back({std::nullopt, put_of(CategoryRow{RowKind::kCategory, task.category, {}, {}})});
    }
    if (!task.brand.empty() && !api_.names.find_brand(task.brand) && names_.insert(task.brand).second) {
      import_.brands.push_back({std::nullopt, put_of(BrandRow{RowKind::kBrand, task.brand, {}, {}, {}})});
    }
    import_.products.push_back(std::move(task));
  }

 private:
  const Api& api_;
  Import& import_;
  std::unordered_set<ProductId> seen_;
  std::unordered_set<std::string> paths_;
  std::unordered_set<std::string> names_;
};

}  // namespace

void import_catalogue_rows(const ApiCallPtr& call, std::vector<CatalogueRow> rows) {
  auto import = std::make_shared<Import>();
  import->results.resize(rows.size());
  Plan plan(call->api, *import);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    std::visit([&](auto&& wanted) { plan.add(row, std::move(wanted)); }, std::move(rows[row]));
  }
  put_categories(call, import);
}

}  // namespace souk
