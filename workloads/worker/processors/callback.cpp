#include "libs/base/text.hpp"
#include "workloads/worker/processors/processor.hpp"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <utility>

#include <cpprest/http_client.h>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace chatflow::worker {
namespace {

using nlohmann::json;
namespace client = web::http::client;

constexpr std::size_t kAnswerMax = 1U << 20U;  // bytes of a return value
constexpr std::size_t kReasonMax = 500;        // bytes of an answer that a failure quotes

std::string hex_hmac(const std::string& secret, const std::string& message) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as OpenSSL wants them
    const auto* const bytes = reinterpret_cast<const unsigned char*>(message.data());
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes, message.size(),
         digest, &length);
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (unsigned i = 0; i < length; ++i) {
        text += kDigits[digest[i] >> 4U];
        text += kDigits[digest[i] & 15U];
    }
    return text;
}

// t=<seconds>,v1=<HMAC-SHA256 of "t.body">: the form that payment providers sign webhooks in.
std::string signature(const std::string& secret, const std::string& body) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const std::string time = std::to_string(now.time_since_epoch().count());
    return "t=" + time + ",v1=" + hex_hmac(secret, time + "." + body);
}

bool is_final(int status) {
    return status >= 400 && status < 500 && status != 408 && status != 409 && status != 425 &&
           status != 429;
}

struct Answer {
    int status = 0;
    std::string body;
};

class Callback {
 public:
    explicit Callback(QueueConfig queue)
        : queue_(std::move(queue)), client_(queue_.url, options(queue_)) {}

    [[nodiscard]] Answer post(const std::string& body, const std::string& id,
                              const std::string& trace_id) {
        web::http::http_request request(web::http::methods::POST);
        request.headers().add("X-Chatflow-Queue", queue_.name);
        request.headers().add("X-Chatflow-Job", id);
        if (!trace_id.empty()) request.headers().add("X-Trace-Id", trace_id);
        if (!queue_.secret.empty()) {
            request.headers().add("X-Chatflow-Signature", signature(queue_.secret, body));
        }
        request.set_body(body, "application/json");
        const web::http::http_response response = client_.request(request).get();
        if (response.headers().content_length() > kAnswerMax) {
            throw std::runtime_error("the service answered more than 1 MiB");
        }
        std::string text = response.extract_utf8string(true).get();
        if (text.size() > kAnswerMax) {
            throw std::runtime_error("the service answered more than 1 MiB");
        }
        return {.status = response.status_code(), .body = std::move(text)};
    }

    [[nodiscard]] const std::string& queue() const { return queue_.name; }

 private:
    static client::http_client_config options(const QueueConfig& queue) {
        client::http_client_config options;
        options.set_timeout(queue.timeout);
        return options;
    }

    QueueConfig queue_;
    client::http_client client_;
};

std::string body_of(const jobs::Job& job, const std::string& queue) {
    json data = json::parse(job.data, nullptr, false);
    if (data.is_discarded()) data = job.data;
    const json body = {{"queue", queue},
                       {"id", job.id},
                       {"name", job.name},
                       {"data", std::move(data)},
                       {"attempt", job.attempts_made + 1},
                       {"attempts", job.options.attempts},
                       {"timestamp", job.timestamp.time_since_epoch().count()}};
    return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string value_of(const Answer& answer) {
    if (answer.body.empty()) return "null";
    if (json::accept(answer.body)) return answer.body;
    return jobs::json_string(answer.body);
}

std::string judge(const Answer& answer) {
    if (answer.status >= 200 && answer.status < 300) return value_of(answer);
    const std::string reason = "the service answered " + std::to_string(answer.status) + ": " +
                               std::string(cut(answer.body, kReasonMax));
    if (is_final(answer.status)) throw jobs::Unrecoverable(reason);
    throw std::runtime_error(reason);
}

awaitable<std::string> call(std::shared_ptr<Callback> callback, BlockingPool& pool,
                            jobs::RunningJob& running) {
    auto post = [callback, body = body_of(running.job(), callback->queue()), id = running.job().id,
                 trace_id = running.job().trace_id] { return callback->post(body, id, trace_id); };
    const Answer answer = co_await pool.run(std::move(post));
    co_return judge(answer);
}

}  // namespace

jobs::Processor callback_processor(QueueConfig queue, BlockingPool& pool) {
    auto callback = std::make_shared<Callback>(std::move(queue));
    return [callback, &pool](jobs::RunningJob& running) { return call(callback, pool, running); };
}

}  // namespace chatflow::worker
