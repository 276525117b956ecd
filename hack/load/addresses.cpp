#include "hack/load/addresses.hpp"

#include "libs/async/resolve.hpp"
#include "libs/async/with_deadline.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

#include <boost/system/system_error.hpp>

namespace chatflow::load {
namespace {

constexpr std::chrono::seconds kPeriod{1};

}  // namespace

Addresses::Addresses(Target target) : target_(std::move(target)) {}

awaitable<void> Addresses::look_up() {
    try {
        known_ = co_await resolve(target_.host, target_.port);
    } catch (const boost::system::system_error& failure) {
        error_ = failure.code();
    }
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
