#include "workloads/worker/notification.hpp"

#include "libs/rooms/room_store.hpp"
#include "workloads/worker/chat_store.hpp"
#include "workloads/worker/export_request.hpp"
#include "workloads/worker/outgoing_http.hpp"
#include "workloads/worker/processors/processor.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow::worker {
namespace {

using namespace std::chrono_literals;

constexpr auto kNotifyTime = 5s;

class Notifier {
 public:
    Notifier(QueueConfig queue, EmailService email, OutgoingHttp& http, redis::Client& redis,
             ChatStore* store)
        : queue_(std::move(queue)),
          email_(std::move(email)),
          http_(http),
          rooms_(redis),
          store_(store) {}

    awaitable<std::string> run(jobs::RunningJob& running) {
        const jobs::Job& job = running.job();
        const auto notification = parse_notification(job.data);
        if (!notification) throw jobs::Unrecoverable("data: " + notification.error());
        if (co_await is_read(*notification)) co_return R"({"cancelled":"read"})";
        auto delivered = parse_delivered(job.progress);
        std::exception_ptr failure;
        for (const Channel& channel : notification->channels) {
            if (std::ranges::find(delivered, channel.key()) != delivered.end()) continue;
            try {
                co_await send(*notification, channel, job);
                delivered.push_back(channel.key());
            } catch (const jobs::Unrecoverable&) {
                if (!failure) failure = std::current_exception();
                continue;
            } catch (const std::exception&) {
                // The others go out all the same; this one with the next attempt.
                failure = std::current_exception();
                continue;
            }
            co_await running.set_progress(delivered_json(delivered), Deadline::after(kNotifyTime));
        }
        if (failure) std::rethrow_exception(failure);
        co_return delivered_json(delivered);
    }

 private:
    awaitable<bool> is_read(const Notification& notification) {
        const bool can_know = store_ != nullptr && notification.seq > 0 &&
                              is_uuid(notification.room_id) && is_uuid(notification.user_id);
        if (!can_know) co_return false;
        const auto last_read = co_await store_->last_read(
            notification.room_id, notification.user_id, Deadline::after(kNotifyTime));
        co_return is_read_already(notification, last_read);
    }

    awaitable<void> send(const Notification& notification, const Channel& channel,
                         const jobs::Job& job) {
        const std::string moment = std::to_string(job.timestamp.time_since_epoch().count());
        const std::string id = queue_.name + "-" + job.id + "-" + moment;
        const std::string body = to_json(notification, id);
        switch (channel.kind) {
            case ChannelKind::InApp: {
                rooms::Publication told{.room = "user:" + notification.user_id,
                                        .event = "[\"notification\"," + body + "]",
                                        .except = "",
                                        .once = id};
                co_await rooms_.publish(std::move(told), Deadline::after(kNotifyTime));
                break;
            }
            case ChannelKind::Webhook: {
                OutgoingRequest request{.url = channel.to,
                                        .body = body,
                                        .secret = queue_.secret,
                                        .timeout = queue_.timeout,
                                        .headers = {{"Idempotency-Key", id}}};
                add_trace(request, job);
                expect_success(co_await http_.post(std::move(request)), "the webhook");
                break;
            }
            case ChannelKind::Email:
                co_await send_email(notification, channel.to, id, job);
                break;
        }
    }

    awaitable<void> send_email(const Notification& notification, const std::string& to,
                               const std::string& id, const jobs::Job& job) {
        if (email_.url.empty()) throw jobs::Unrecoverable("CHATFLOW_EMAIL_URL is not set");
        const nlohmann::json mail = {
            {"to", to}, {"subject", notification.title}, {"text", notification.text}};
        const auto replace = nlohmann::json::error_handler_t::replace;
        OutgoingRequest request{.url = email_.url,
                                .body = mail.dump(-1, ' ', false, replace),
                                .secret = email_.secret,
                                .timeout = queue_.timeout,
                                .headers = {{"Idempotency-Key", id + "-" + to}}};
        add_trace(request, job);
        expect_success(co_await http_.post(std::move(request)), "the e-mail service");
    }

    QueueConfig queue_;
    EmailService email_;
    OutgoingHttp& http_;
    rooms::RoomStore rooms_;
    ChatStore* store_;  // null: no PostgreSQL, nothing is known of receipts
};

}  // namespace

jobs::Processor notification_processor(QueueConfig queue, EmailService email, OutgoingHttp& http,
                                       redis::Client& redis, ChatStore* store) {
    auto notifier =
        std::make_shared<Notifier>(std::move(queue), std::move(email), http, redis, store);
    return [notifier](jobs::RunningJob& running) { return notifier->run(running); };
}

}  // namespace chatflow::worker
