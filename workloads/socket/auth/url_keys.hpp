#pragma once

#include "libs/async/blocking_pool.hpp"
#include "libs/async/notification.hpp"
#include "libs/base/log.hpp"
#include "workloads/socket/auth/key_fetch.hpp"
#include "workloads/socket/auth/key_schedule.hpp"
#include "workloads/socket/auth/key_source.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace chatflow::socket {

struct UrlKeysOptions {
    std::string name;  // the URL as it was given, for logs
    KeyServer server;
    KeyScheduleOptions schedule;
    std::chrono::milliseconds read_time{5'000};
};

/// Keys of a JWKS document that a server gives out: read at the start, periodically, and when a
/// token names a key that is not there. Those that were read stay in force while the server is away
/// or answers what cannot be used. The reading and parsing is done by a thread of its own.
class UrlKeys final : public KeySource {
 public:
    using OnRead = std::function<void(KeyRead result, std::size_t keys)>;

    UrlKeys(const asio::any_io_executor& executor, UrlKeysOptions options, OnRead on_read,
            const Log& log);

    [[nodiscard]] std::shared_ptr<const auth::KeySet> keys() const override { return keys_; }
    [[nodiscard]] awaitable<Renewal> renew(Deadline deadline) override;
    [[nodiscard]] awaitable<void> run() override;
    [[nodiscard]] std::string trouble() const override;

 private:
    struct Read;

    [[nodiscard]] awaitable<void> wait_until_due();
    void take(Read read);

    UrlKeysOptions options_;
    OnRead on_read_;
    Log log_;
    KeySchedule schedule_;
    Notification wanted_;
    Notification ended_;
    std::uint64_t begun_ = 0;  // reads
    std::uint64_t done_ = 0;
    std::string content_;  // that keys_ were made of
    std::shared_ptr<const auth::KeySet> keys_;
    std::string failure_;  // the last; "" after a success
    BlockingPool thread_;  // last: its destructor waits for the read under way
};

}  // namespace chatflow::socket
