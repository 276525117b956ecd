#include "workloads/socket/auth/url_keys.hpp"

#include "libs/async/with_deadline.hpp"

#include <chrono>
#include <expected>
#include <utility>

namespace chatflow::socket {
namespace {

// False when the deadline came first.
awaitable<bool> wait_for(Notification& notification, Deadline deadline) {
    try {
        co_await with_deadline(notification.wait(), deadline, "the wait");
    } catch (const DeadlineExceeded&) {
        co_return false;
    }
    co_return true;
}

}  // namespace

struct UrlKeys::Read {
    std::string content;
    std::expected<std::shared_ptr<const auth::KeySet>, std::string> keys;
};

UrlKeys::UrlKeys(const asio::any_io_executor& executor, UrlKeysOptions options, OnRead on_read,
                 const Log& log)
    : options_(std::move(options)),
      on_read_(std::move(on_read)),
      log_(log.with({{"url", options_.name}})),
      schedule_(options_.schedule),
      wanted_(executor),
      ended_(executor),
      thread_(1, 1) {}

awaitable<void> UrlKeys::run() {
    for (;;) {
        co_await wait_until_due();
        schedule_.on_begin(std::chrono::steady_clock::now());
        ++begun_;
        auto read = [server = options_.server, time = options_.read_time]() -> Read {
            auto text = fetch(server, auth::kKeySetBytesMax, Deadline::after(time));
            if (!text) return {.content = {}, .keys = std::unexpected(std::move(text.error()))};
            auto keys = auth::KeySet::from_jwks(*text);
            if (!keys) return {.content = {}, .keys = std::unexpected(std::move(keys.error()))};
            return {.content = *std::move(text),
                    .keys = std::make_shared<const auth::KeySet>(*std::move(keys))};
        };
        take(co_await thread_.run(std::move(read)));
        ++done_;
        ended_.notify_all();
    }
}

awaitable<void> UrlKeys::wait_until_due() {
    while (schedule_.next() > std::chrono::steady_clock::now()) {
        co_await wait_for(wanted_, Deadline::at(schedule_.next()));
    }
}

void UrlKeys::take(Read read) {
    schedule_.on_end(read.keys.has_value());
    if (!read.keys) {
        // Told when it begins to fail and when it fails in another way, not each time.
        if (read.keys.error() != failure_) {
            log_.error("Keys cannot be read", {{"error", read.keys.error()}, {"kept", !!keys_}});
        }
        failure_ = std::move(read.keys.error());
        return on_read_(KeyRead::Failed, keys_ ? keys_->size() : 0);
    }
    const bool has_failed = !std::exchange(failure_, {}).empty();
    if (keys_ && read.content == content_) {
        if (has_failed) log_.info("Keys can be read again");
        return on_read_(KeyRead::Same, keys_->size());
    }
    content_ = std::move(read.content);
    keys_ = *std::move(read.keys);
    log_.info("Keys have changed", {{"keys", keys_->size()}});
    on_read_(KeyRead::Changed, keys_->size());
}

// Only a read that begins after the token came tells that its key does not exist.
awaitable<Renewal> UrlKeys::renew(Deadline deadline) {
    const auto before = keys_;
    const auto enough = begun_ + 1;
    schedule_.want();
    wanted_.notify_all();
    while (keys_ == before && done_ < enough && !deadline.has_passed()) {
        co_await wait_for(ended_, deadline);
    }
    if (keys_ != before) co_return Renewal::Changed;
    co_return done_ >= enough&& failure_.empty() ? Renewal::Same : Renewal::Unknown;
}

std::string UrlKeys::trouble() const {
    if (keys_) return {};
    return "keys: " + (failure_.empty() ? "not read yet" : failure_);
}

}  // namespace chatflow::socket
