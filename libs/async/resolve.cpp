#include "libs/async/resolve.hpp"

#include <atomic>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <netdb.h>

namespace chatflow {
namespace {

/// One of the look-ups that run; gone with the thread, and when there could be none.
class Slot {
 public:
    Slot() : is_free_(++running <= kLookupsMax) {}
    ~Slot() { --running; }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

    [[nodiscard]] bool is_free() const { return is_free_; }

 private:
    static inline std::atomic<int> running{0};
    bool is_free_;
};

boost::system::error_code error_of(int code) {
    switch (code) {
        case EAI_NONAME:
            return asio::error::host_not_found;
        case EAI_AGAIN:
            return asio::error::host_not_found_try_again;
        case EAI_MEMORY:
            return asio::error::no_memory;
        default:
            return asio::error::no_recovery;
    }
}

/// What a look-up's thread and the coroutine that waits for it share. The thread may end long after
/// the coroutine and its executor.
struct Shared {
    std::mutex lock;
    asio::steady_timer* waiting = nullptr;  // the coroutine's; nothing when it has ended
    bool is_done = false;
    std::vector<asio::ip::address> addresses;
    std::exception_ptr error;
};

void run_lookup(const std::shared_ptr<Shared>& shared, const Lookup& lookup,
                const std::string& host) {
    std::vector<asio::ip::address> addresses;
    std::exception_ptr error;
    try {
        addresses = lookup(host);
    } catch (...) {
        error = std::current_exception();
    }
    const std::scoped_lock guard(shared->lock);
    if (shared->waiting == nullptr) return;
    shared->is_done = true;
    shared->addresses = std::move(addresses);
    shared->error = error;
    asio::post(shared->waiting->get_executor(), [shared] {
        const std::scoped_lock again(shared->lock);
        if (shared->waiting != nullptr) shared->waiting->cancel();
    });
}

/// Takes the coroutine's timer away from the thread, however the coroutine ends.
class Waiting {
 public:
    Waiting(std::shared_ptr<Shared> shared, asio::steady_timer& timer)
        : shared_(std::move(shared)) {
        shared_->waiting = &timer;
    }
    ~Waiting() {
        const std::scoped_lock guard(shared_->lock);
        shared_->waiting = nullptr;
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

 private:
    std::shared_ptr<Shared> shared_;
};

}  // namespace

std::vector<asio::ip::address> look_up(const std::string& host) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (code != 0) throw boost::system::system_error(error_of(code), host);
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
    std::vector<asio::ip::address> addresses;
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
        asio::ip::tcp::endpoint endpoint;
        if (one->ai_addrlen > endpoint.capacity()) continue;
        std::memcpy(endpoint.data(), one->ai_addr, one->ai_addrlen);
        endpoint.resize(one->ai_addrlen);
        addresses.push_back(endpoint.address());
    }
    return addresses;
}

awaitable<std::vector<asio::ip::tcp::endpoint>> resolve(std::string host, std::uint16_t port,
                                                        Lookup lookup) {
    using Endpoints = std::vector<asio::ip::tcp::endpoint>;
    boost::system::error_code not_a_number;
    const auto address = asio::ip::make_address(host, not_a_number);
    if (!not_a_number) co_return Endpoints(1, {address, port});

    auto slot = std::make_unique<Slot>();
    if (!slot->is_free()) {
        throw boost::system::system_error(asio::error::host_not_found_try_again,
                                          "too many look-ups of names hang");
    }
    asio::steady_timer answered(co_await asio::this_coro::executor,
                                asio::steady_timer::time_point::max());
    const auto shared = std::make_shared<Shared>();
    const Waiting waiting(shared, answered);
    std::thread([shared, slot = std::move(slot), lookup = std::move(lookup), host]() mutable {
        run_lookup(shared, lookup, host);
        slot.reset();
    }).detach();
    co_await answered.async_wait(asio::as_tuple(asio::use_awaitable));

    const std::scoped_lock guard(shared->lock);
    if (!shared->is_done) throw boost::system::system_error(asio::error::operation_aborted, host);
    if (shared->error) std::rethrow_exception(shared->error);
    Endpoints endpoints;
    for (const auto& found : shared->addresses) endpoints.emplace_back(found, port);
    if (endpoints.empty()) throw boost::system::system_error(asio::error::host_not_found, host);
    co_return endpoints;
}

}  // namespace chatflow
