#include "hack/load/load.hpp"

#include "libs/async/signals.hpp"
#include "libs/async/with_deadline.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <random>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::load {
namespace {

using namespace std::chrono_literals;

constexpr auto kLateMax = 2s;               // later requests are not sent
constexpr auto kPauseAfterFailure = 100ms;  // of one connection
constexpr auto kPreparationMax = 120s;
constexpr std::size_t kPreparingMax = 32;  // connections that sign up and make rooms
constexpr auto kOverdueInterval = 100ms;
constexpr auto kReportedMin = 500ms;  // the rest of a second at the end is in the summary only
constexpr unsigned kNotFound = 404;
constexpr unsigned kConflict = 409;
constexpr std::uint64_t kMessagesPerRoom = 20;  // sent first, so that there is something to read

std::string random_name() {
    std::random_device device;
    return fmt::format("{:08x}", device());
}

std::string random_password() {
    std::random_device device;
    return fmt::format("{:08x}{:08x}{:08x}", device(), device(), device());
}

}  // namespace

Load::Load(asio::any_io_executor executor, Options options)
    : options_(std::move(options)),
      requests_(options_.target, options_.mix, random_name(), random_password(), options_.accounts),
      addresses_(options_.target),
      account_client_(executor, addresses_),
      workers_(executor,
               [this](const std::exception_ptr& error) {
                   try {
                       std::rethrow_exception(error);
                   } catch (const std::exception& failure) {
                       failed_by_ = failure.what();
                   }
               }),
      services_(executor, [](const std::exception_ptr&) {}),
      refresh_tokens_(options_.accounts) {
    if (options_.rate > 0) schedule_.emplace(options_.rate, options_.ramp, options_.duration);
    for (std::uint32_t i = 0; i < options_.connections; ++i) {
        clients_.push_back(std::make_unique<HttpClient>(executor, addresses_));
    }
}

awaitable<void> Load::run() {
    co_await addresses_.look_up();
    services_.spawn(addresses_.keep_current());
    services_.spawn(end_on_signal());
    services_.spawn(end_overdue_requests());
    co_await prepare();
    if (failed_by_.empty()) co_await put_load();
    services_.cancel();
    co_await services_.wait();
    for (const auto& client : clients_) whole_.connections_made += client->connections_made();
}

// ---- preparation ---------------------------------------------------------------------------

awaitable<void> Load::prepare() {
    const auto deadline = Deadline::after(kPreparationMax);
    const std::size_t helpers = std::min(clients_.size(), kPreparingMax);
    for (std::size_t i = 0; i < helpers; ++i) {
        workers_.spawn(with_deadline(sign_up(*clients_[i]), deadline, "signing up"));
    }
    co_await workers_.wait();
    if (!failed_by_.empty()) co_return;
    rooms_.resize(options_.rooms);
    for (std::size_t i = 0; i < helpers; ++i) {
        workers_.spawn(with_deadline(make_rooms(*clients_[i]), deadline, "making rooms"));
    }
    if (options_.mix == Mix::Chat) workers_.spawn(with_deadline(try_upload(), deadline, "a file"));
    co_await workers_.wait();
    if (is_stopping_) failed_by_ = "stopped before the load began";
    if (!failed_by_.empty()) co_return;
    if (!refresh_tokens_.front().empty()) services_.spawn(renew_tokens());
    fmt::print(stderr, "{} accounts, {} rooms with {} messages each; {} connections, {}, mix {}\n",
               options_.accounts, rooms_.size(), kMessagesPerRoom, options_.connections,
               schedule_ ? fmt::format("{}/s", options_.rate) : "as fast as answers come",
               name_of(options_.mix));
    requests_.use_rooms(std::move(rooms_));
}

// Accounts of its own for each run; none where chat-server runs without authentication.
awaitable<void> Load::sign_up(HttpClient& client) {
    while (accounts_begun_ < options_.accounts) {
        const std::uint32_t account = accounts_begun_++;
        Answer answer = co_await insist(client, requests_.sign_up(account));
        if (answer.status == kNotFound) co_return;
        // It was made, and the answer was lost.
        if (answer.status == kConflict) {
            answer = co_await insist(client, requests_.log_in(account));
        }
        use_session(account, answer.body);
    }
}

void Load::use_session(std::uint32_t account, const std::string& body) {
    const auto session = nlohmann::json::parse(body, nullptr, false);
    if (!session.is_object() || !session.contains("access_token")) {
        throw RequestFailed("the answer to a sign-up has no token: this is not a chat-server");
    }
    requests_.use_token(account, session.value("access_token", ""));
    refresh_tokens_[account] = session.value("refresh_token", "");
    renew_after_ = std::chrono::seconds(session.value("expires_in", 60)) * 3 / 4;
}

awaitable<void> Load::make_rooms(HttpClient& client) {
    while (rooms_begun_ < options_.rooms) {
        const std::uint32_t number = rooms_begun_++;
        const Answer made = co_await insist(client, requests_.new_room(number));
        const auto room = nlohmann::json::parse(made.body, nullptr, false);
        if (!room.is_object() || !room.contains("id") || !room["id"].is_string()) {
            throw RequestFailed("the answer to a new room has no id: this is not a chat-server");
        }
        rooms_[number] = room["id"].get<std::string>();
        const std::string id = rooms_[number];
        // The numbers of these come before those of the load.
        for (std::uint64_t i = 0; i < kMessagesPerRoom; ++i) {
            co_await insist(client, requests_.new_message(number, id, next_number_++));
        }
    }
}

// Files may have no place, and are of users, so without authentication there are none.
awaitable<void> Load::try_upload() {
    const Answer answer = co_await insist(account_client_, requests_.upload(0));
    if (answer.status != kNotFound) co_return;
    fmt::print(stderr, "no uploads there: messages are sent instead\n");
    requests_.leave_out_uploads();
}

// Until it succeeds, the path is unknown or the thing is there; prepare()'s deadline ends it
// otherwise.
awaitable<Answer> Load::insist(HttpClient& client, std::string request) {
    std::string reason;
    for (;;) {
        try {
            Answer answer = co_await client.exchange(request);
            const bool is_final = answer.status == kNotFound || answer.status == kConflict;
            if (answer.status / 100 == 2 || is_final) co_return answer;
            reason = fmt::format("status {}", answer.status);
        } catch (const RequestFailed& failure) {
            reason = failure.what();
        }
        if (is_stopping_) throw RequestFailed("stopped by a signal");
        if (&client == clients_.front().get()) {
            fmt::print(stderr, "waiting for chat-server: {}\n", reason);
        }
        co_await sleep_until(Deadline::after(1s));
    }
}

// ---- the load ------------------------------------------------------------------------------

awaitable<void> Load::put_load() {
    began_ = second_began_ = Clock::now();
    first_number_ = next_number_;
    services_.spawn(report_each_second());
    for (const auto& client : clients_) workers_.spawn(work(*client));
    co_await workers_.wait();
    ended_ = Clock::now();
    report();
}

std::optional<Load::Clock::time_point> Load::due(std::uint64_t number) const {
    if (schedule_) {
        const auto since_begin = schedule_->due(number);
        if (!since_begin) return std::nullopt;
        return began_ + *since_begin;
    }
    const auto now = Clock::now();
    if (now >= began_ + options_.duration) return std::nullopt;
    return now;
}

awaitable<void> Load::work(HttpClient& client) {
    while (!is_stopping_) {
        const std::uint64_t number = next_number_++;
        const auto at = due(number - first_number_);
        if (!at) co_return;
        if (*at < Clock::now() - kLateMax) {
            ++second_.not_sent;
            continue;
        }
        if (*at > Clock::now()) co_await sleep_until(Deadline::at(*at));
        if (!is_stopping_) co_await send_next(client, number, *at);
    }
}

awaitable<void> Load::send_next(HttpClient& client, std::uint64_t number, Clock::time_point due) {
    std::string reason;
    try {
        const Answer answer = co_await client.exchange(requests_.load(number));
        if (answer.status / 100 == 2) {
            note_success(requests_.kind(number), due);
            co_return;
        }
        reason = fmt::format("status {}", answer.status);
    } catch (const RequestFailed& failure) {
        reason = failure.what();
    }
    if (is_stopping_) co_return;  // ended by us
    ++second_.failed[reason];
    co_await sleep_until(Deadline::after(kPauseAfterFailure));
}

void Load::note_success(Kind kind, Clock::time_point due) {
    const auto latency = std::chrono::duration_cast<Latencies::Time>(Clock::now() - due);
    ++second_.succeeded;
    second_.latencies.add(latency);
    second_.by_kind[static_cast<std::size_t>(kind)].add(latency);
}

// ---- beside it -----------------------------------------------------------------------------

awaitable<void> Load::end_on_signal() {
    co_await wait_for_shutdown_signal();
    is_stopping_ = true;
    workers_.cancel();
}

awaitable<void> Load::end_overdue_requests() {
    for (;;) {
        co_await sleep_until(Deadline::after(kOverdueInterval));
        for (const auto& client : clients_) client->end_overdue(Clock::now());
        account_client_.end_overdue(Clock::now());
    }
}

awaitable<void> Load::renew_tokens() {
    for (;;) {
        co_await sleep_until(Deadline::after(renew_after_));
        for (std::uint32_t account = 0; account < options_.accounts; ++account) {
            const Answer answer =
                co_await insist(account_client_, requests_.renewal(refresh_tokens_[account]));
            use_session(account, answer.body);
        }
    }
}

awaitable<void> Load::report_each_second() {
    for (auto next = began_ + 1s;; next += 1s) {
        co_await sleep_until(Deadline::at(next));
        report();
    }
}

void Load::report() {
    const auto now = Clock::now();
    const auto at = std::chrono::round<std::chrono::seconds>(now - began_);
    if (now - second_began_ >= kReportedMin) {
        fmt::print(stderr, "{}\n", progress_line(second_, at, now - second_began_));
        seconds_.push_back(second_of(second_, at, now - second_began_));
    }
    whole_.add(second_);
    second_ = {};
    second_began_ = now;
}

}  // namespace chatflow::load
