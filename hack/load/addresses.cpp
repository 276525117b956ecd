#include "hack/load/addresses.hpp"

#include "libs/async/with_deadline.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace chatflow::load {
namespace {

constexpr std::chrono::seconds kPeriod{1};

}  // namespace

Addresses::Addresses(asio::any_io_executor executor, Target target)
    : target_(std::move(target)), resolver_(std::move(executor)) {}

awaitable<void> Addresses::look_up() {
    auto token = asio::redirect_error(asio::use_awaitable, error_);
    const auto found = co_await resolver_.async_resolve(target_.host, target_.port, token);
    if (error_) co_return;
    known_.clear();
    for (const auto& entry : found) known_.push_back(entry.endpoint());
}

awaitable<void> Addresses::keep_current() {
    for (;;) {
        co_await sleep_until(Deadline::after(kPeriod));
        co_await look_up();
    }
}

std::vector<asio::ip::tcp::endpoint> Addresses::shuffled() const {
    static std::minstd_rand random{std::random_device{}()};
    if (known_.empty()) throw boost::system::system_error(error_);
    auto endpoints = known_;
    std::ranges::shuffle(endpoints, random);
    return endpoints;
}

}  // namespace chatflow::load
