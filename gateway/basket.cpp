#include "gateway/basket.hpp"

#include <algorithm>
#include <map>
#include <mutex>

namespace souk {
namespace {

/// What one line waits for.
struct Answers {
  std::string name;
  std::string picture;
  Money price;
  bool deleted = false;
  bool withdrawn = false;
  std::int64_t purchase_limit = 0;  ///< 0: none
  bool untracked = false;
  std::int64_t available = 0;
  Version product_version;
  Version stock_version;
};

struct Reading {
  cart::Lines lines;
  std::vector<Answers> answers;
  std::function<void(Basket&)> then;
  std::mutex mutex;  ///< entities answer on their own threads
  std::size_t missing = 0;
  bool refused = false;
  Position position;
};
using ReadingPtr = std::shared_ptr<Reading>;

Availability availability_of(const cart::Line& line, const Answers& answers) {
  if (answers.deleted) return Availability::kDeleted;
  if (answers.withdrawn) return Availability::kWithdrawn;
  if (answers.purchase_limit > 0 && line.quantity > answers.purchase_limit) return Availability::kOverLimit;
  if (!answers.untracked && line.quantity > answers.available) return Availability::kShort;
  return Availability::kInStock;
}

BasketLine price(const cart::Line& line, const Answers& answers, bool& in_range) {
  BasketLine out;
  out.product_id = line.product;
  out.quantity = line.quantity;
  out.selected = line.selected;
  out.name = answers.name;
  out.picture = answers.picture;
  out.unit_price = answers.price;
  const auto total = multiply(answers.price, line.quantity);
  in_range = in_range && total.has_value();
  out.total = total ? *total : Money{kIntegerMax, answers.price.currency};
  out.availability = availability_of(line, answers);
  if (out.availability == Availability::kShort) out.available = std::max<std::int64_t>(answers.available, 0);
  if (out.availability == Availability::kOverLimit) out.limit = answers.purchase_limit;
  if (line.seen && (line.seen->price != answers.price || line.seen->name != answers.name)) {
    out.changed = LineChange{line.seen->price, answers.price, line.seen->name, answers.name};
  }
  return out;
}

Basket add_up(const Reading& reading) {
  Basket basket;
  basket.position = reading.position;
  std::map<std::string, std::int64_t> totals;
  for (std::size_t i = 0; i < reading.lines.size(); ++i) {
    const auto& answers = reading.answers[i];
    auto& line = basket.lines.emplace_back(price(reading.lines[i], answers, basket.in_range));
    basket.versions +=
        '.' + std::to_string(answers.product_version.value) + '-' + std::to_string(answers.stock_version.value);
    if (!line.selected || line.availability != Availability::kInStock) continue;
    ++basket.line_count;
    auto& sum = totals[std::string(line.unit_price.currency.str())];
    basket.in_range = basket.in_range && line.total.amount <= kIntegerMax - sum;
    sum = std::min(kIntegerMax, sum + line.total.amount);
  }
  for (const auto& [currency, amount] : totals) basket.totals.push_back(Money{amount, *Currency::parse(currency)});
  return basket;
}

void finish(const ReadingPtr& reading) {
  Basket basket = add_up(*reading);
  reading->then(basket);
}

/// One more answer is there; the last one ends the reading. Returns false when there is nothing to note any more.
template <Entity E, class Note>
void take(const ApiCallPtr& call, const ReadingPtr& reading, const Judged<E>& judged, Note note) {
  {
    const std::scoped_lock lock(reading->mutex);
    if (reading->refused) return;
    reading->position = std::max(reading->position, judged.position);
    if (judged.refusal == nullptr) {
      note(judged);
      if (--reading->missing > 0) return;
    } else {
      reading->refused = true;
    }
  }
  if (judged.refusal != nullptr) {
    call->refuse(judged.position, *judged.refusal);
  } else {
    finish(reading);
  }
}

void note_product(Answers& answers, const Judged<Product>& judged) {
  const auto& product = judged.state;
  answers.name = product.name;
  if (!product.pictures.empty()) answers.picture = product.pictures.front();
  answers.price = product.price;
  answers.deleted = !product::is_living(product);
  answers.withdrawn = !product.published;
  answers.purchase_limit = product.purchase_limit.value_or(0);
  answers.product_version = judged.version;
}

}  // namespace

void read_basket(const ApiCallPtr& call, cart::Lines lines, Position position, std::function<void(Basket&)> then) {
  auto reading = std::make_shared<Reading>();
  reading->lines = std::move(lines);
  reading->answers.resize(reading->lines.size());
  reading->then = std::move(then);
  reading->missing = reading->lines.size() * 2;
  reading->position = position;
  if (reading->missing == 0) {
    finish(reading);
    return;
  }
  const Time deadline = call->until(call->api.options.answer_deadline);
  for (std::size_t i = 0; i < reading->lines.size(); ++i) {
    const ProductId id = reading->lines[i].product;
    AskOptions<Product> product;
    product.deadline = deadline;
    call->api.host.read<Product>(id, std::move(product), [call, reading, i](const Judged<Product>& judged) {
      take<Product>(call, reading, judged,
                    [&](const Judged<Product>& answer) { note_product(reading->answers[i], answer); });
    });
    AskOptions<Stock> stock;
    stock.deadline = deadline;
    call->api.host.read<Stock>(id, std::move(stock), [call, reading, i](const Judged<Stock>& judged) {
      take<Stock>(call, reading, judged, [&](const Judged<Stock>& answer) {
        reading->answers[i].untracked = answer.state.mode == stock::Mode::kUntracked;
        reading->answers[i].available = answer.state.available();
        reading->answers[i].stock_version = answer.version;
      });
    });
  }
}

void answer_in_time(const ApiCallPtr& call) {
  call->at_deadline(call->api.options.answer_deadline, [call] {
    call->refuse(Error{ErrorCode::kUnavailable, "cart.not_read", "not everything could be read in time; ask again"});
  });
}

}  // namespace souk
