#pragma once

#include "hack/load/addresses.hpp"
#include "hack/load/chart.hpp"
#include "hack/load/http_client.hpp"
#include "hack/load/options.hpp"
#include "hack/load/requests.hpp"
#include "hack/load/schedule.hpp"
#include "hack/load/tally.hpp"
#include "libs/async/awaitable.hpp"
#include "libs/async/task_group.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::load {

/// One run: makes rooms, then lets every connection take the next request that is due, until the
/// duration is over or a signal ends it. One executor only.
class Load {
 public:
    Load(asio::any_io_executor executor, Options options);

    /// Reports on standard error; returns when it is all over.
    [[nodiscard]] awaitable<void> run();

    [[nodiscard]] const Tally& whole() const { return whole_; }
    /// Of the load, without the preparation.
    [[nodiscard]] std::chrono::duration<double> length() const { return ended_ - began_; }
    [[nodiscard]] const std::vector<Second>& seconds() const { return seconds_; }
    /// What the preparation failed by; empty when it did not.
    [[nodiscard]] const std::string& failed_by() const { return failed_by_; }

 private:
    using Clock = std::chrono::steady_clock;

    awaitable<void> prepare();
    awaitable<void> sign_up(HttpClient& client);
    awaitable<void> try_upload();
    void use_session(std::uint32_t account, const std::string& body);
    awaitable<void> make_rooms(HttpClient& client);
    awaitable<Answer> insist(HttpClient& client, std::string request);
    awaitable<void> put_load();
    awaitable<void> work(HttpClient& client);
    awaitable<void> send_next(HttpClient& client, std::uint64_t number, Clock::time_point due);
    [[nodiscard]] std::optional<Clock::time_point> due(std::uint64_t number) const;
    void note_success(Kind kind, Clock::time_point due);
    void report();

    awaitable<void> end_on_signal();
    awaitable<void> end_overdue_requests();
    awaitable<void> report_each_second();
    awaitable<void> renew_tokens();

    Options options_;
    std::optional<Schedule> schedule_;  // none: as fast as answers come
    Requests requests_;
    Addresses addresses_;
    std::vector<std::unique_ptr<HttpClient>> clients_;
    HttpClient account_client_;  // renews, beside the load
    TaskGroup workers_;
    TaskGroup services_;
    std::vector<std::string> refresh_tokens_;  // by account; empty: authentication is off
    std::uint32_t accounts_begun_ = 0;
    std::chrono::seconds renew_after_{0};
    std::vector<std::string> rooms_;  // made so far
    std::uint32_t rooms_begun_ = 0;
    std::uint64_t next_number_ = 0;
    std::uint64_t first_number_ = 0;  // of the load; those before it were sent in preparation
    bool is_stopping_ = false;
    std::string failed_by_;
    Clock::time_point began_{};
    Clock::time_point ended_{};
    Clock::time_point second_began_{};
    Tally second_;
    Tally whole_;
    std::vector<Second> seconds_;
};

}  // namespace chatflow::load
