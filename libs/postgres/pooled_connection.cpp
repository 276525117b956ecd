#include "libs/postgres/pooled_connection.hpp"

#include "libs/postgres/session.hpp"

#include <array>
#include <random>
#include <string>

#include <poll.h>
#include <pqxx/connection>
#include <sys/socket.h>
#include <unistd.h>

namespace chatflow::postgres {
namespace {

// A connection used a moment ago is not looked at again: that would cost a system call per use.
constexpr std::chrono::milliseconds kTrustedAfterUse{50};

// 80 to 100 %: connections made together must not all end together.
std::chrono::milliseconds with_jitter(std::chrono::milliseconds time) {
    thread_local std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<std::int64_t> share(time.count() * 8 / 10, time.count());
    return std::chrono::milliseconds(share(random));
}

}  // namespace

PooledConnection::PooledConnection(const Options& options, const Prepare& prepare)
    : options_(options), prepare_(prepare) {}

PooledConnection::~PooledConnection() { drop(); }

pqxx::connection& PooledConnection::ready() {
    const auto now = Clock::now();
    if (connection_ && (now >= renew_at_ || !connection_->is_open())) drop();
    if (connection_ && now - idle_since_ > kTrustedAfterUse && was_lost_while_idle()) drop();
    if (!connection_) connect();
    return *connection_;
}

void PooledConnection::release(bool failed) {
    idle_since_ = Clock::now();
    if (failed) drop();
}

bool PooledConnection::is_open() const {
    const std::lock_guard lock(mutex_);
    return socket_copy_ >= 0;
}

void PooledConnection::cut() {
    const std::lock_guard lock(mutex_);
    if (socket_copy_ >= 0) ::shutdown(socket_copy_, SHUT_RDWR);
}

void PooledConnection::connect() {
    auto made = std::make_unique<pqxx::connection>(connection_string(options_));
    {
        const std::lock_guard lock(mutex_);
        socket_copy_ = ::dup(made->sock());
    }
    connection_ = std::move(made);
    try {
        const std::array timeout{
            SessionSetting{.name = "statement_timeout",
                           .value = std::to_string(options_.statement_timeout.count())}};
        static_cast<void>(set_session(*connection_, timeout));
        if (prepare_) prepare_(*connection_);
    } catch (...) {
        drop();
        throw;
    }
    renew_at_ = Clock::now() + with_jitter(options_.lifetime_max);
    idle_since_ = Clock::now();
}

void PooledConnection::drop() {
    {
        const std::lock_guard lock(mutex_);
        if (socket_copy_ >= 0) ::close(socket_copy_);
        socket_copy_ = -1;
    }
    connection_.reset();
}

// Readable though nothing was asked: the server has closed it, often with a last message. Whether
// more than that message is there would be seen by the next statement only, so any byte counts.
bool PooledConnection::was_lost_while_idle() {
    pollfd waiting{.fd = connection_->sock(), .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, 0) != 0;
}

}  // namespace chatflow::postgres
