#include "controller/clients/exchange.hpp"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace chatflow::clients {

void Exchange::put_head(HttpResponse head) {
    const std::lock_guard lock(mutex_);
    head_ = std::move(head);
    wake();
}

bool Exchange::put(std::string_view bytes, std::function<void()> go_on) {
    const std::lock_guard lock(mutex_);
    if (!timer_) return true;  // nobody reads: let the library come to its end
    buffered_.append(bytes);
    wake();
    if (buffered_.size() <= kBufferedBytesMax) return true;
    go_on_ = std::move(go_on);
    return false;
}

void Exchange::finish() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    wake();
}

void Exchange::fail(std::string what) {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    ended_ = true;
    failure_ = std::move(what);
    wake();
}

void Exchange::wake() {
    if (!timer_ || !reader_waits_) return;
    reader_waits_ = false;
    // The timer belongs to the event loop; only there may it be touched, and destroyed.
    auto cancel = [timer = timer_] { timer->cancel(); };
    asio::post(timer_->get_executor(), std::move(cancel));
}

ExchangeReader::ExchangeReader(std::shared_ptr<Exchange> exchange,
                               const asio::any_io_executor& executor)
    : exchange_(std::move(exchange)), timer_(std::make_shared<asio::steady_timer>(executor)) {
    const std::lock_guard lock(exchange_->mutex_);
    exchange_->timer_ = timer_;
}

ExchangeReader::~ExchangeReader() {
    std::function<void()> go_on;
    {
        const std::lock_guard lock(exchange_->mutex_);
        exchange_->timer_.reset();
        exchange_->buffered_ = {};
        go_on = std::exchange(exchange_->go_on_, nullptr);
    }
    if (go_on) go_on();
}

bool ExchangeReader::has_ended() const {
    const std::lock_guard lock(exchange_->mutex_);
    return exchange_->ended_;
}

awaitable<std::optional<HttpResponse>> ExchangeReader::head(Deadline deadline) {
    while (true) {
        {
            const std::lock_guard lock(exchange_->mutex_);
            if (exchange_->head_) co_return std::exchange(exchange_->head_, std::nullopt);
            if (exchange_->failure_) throw TransportError(*exchange_->failure_);
            exchange_->reader_waits_ = true;
        }
        if (!co_await wait(deadline)) co_return std::nullopt;
    }
}

awaitable<ExchangeReader::Outcome> ExchangeReader::read(std::string& bytes, Deadline deadline) {
    while (true) {
        std::function<void()> go_on;
        {
            const std::lock_guard lock(exchange_->mutex_);
            if (!exchange_->buffered_.empty()) {
                bytes = std::exchange(exchange_->buffered_, {});
                go_on = std::exchange(exchange_->go_on_, nullptr);
            } else if (exchange_->failure_) {
                throw TransportError(*exchange_->failure_);
            } else if (exchange_->ended_) {
                co_return Outcome::End;
            } else {
                exchange_->reader_waits_ = true;
            }
        }
        if (go_on) go_on();
        if (!bytes.empty()) co_return Outcome::Bytes;
        if (!co_await wait(deadline)) co_return Outcome::DeadlinePassed;
    }
}

// False when the deadline has passed. One executor: nothing can wake between the caller's look at
// the exchange and the start of the wait.
awaitable<bool> ExchangeReader::wait(Deadline deadline) {
    timer_->expires_at(deadline.moment());
    const auto [error] = co_await timer_->async_wait(asio::as_tuple(asio::use_awaitable));
    const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    if (cancelled != asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    co_return error == asio::error::operation_aborted;
}

}  // namespace chatflow::clients
