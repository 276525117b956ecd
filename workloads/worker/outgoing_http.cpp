#include "workloads/worker/outgoing_http.hpp"

#include "libs/auth/hmac.hpp"
#include "libs/base/text.hpp"
#include "libs/jobs/queue_worker.hpp"
#include "workloads/worker/circuit_breaker.hpp"

#include <exception>

#include <cpprest/http_client.h>

namespace chatflow::worker {
namespace {

namespace client = web::http::client;

constexpr std::size_t kReasonMax = 500;  // bytes of an answer that a failure quotes

std::string host_key(const std::string& url) {
    const auto begin = url.find("://");
    return url.substr(0, url.find_first_of("/?#", begin == std::string::npos ? 0 : begin + 3));
}

// Redirects are not followed: they would lead where nobody has looked.
OutgoingAnswer post_now(client::http_client& http, const OutgoingRequest& outgoing) {
    const web::uri target(outgoing.url);
    web::http::http_request request(web::http::methods::POST);
    request.set_request_uri(target.resource());
    for (const auto& [name, value] : outgoing.headers) request.headers().add(name, value);
    if (!outgoing.secret.empty()) {
        const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        request.headers().add("X-Chatflow-Signature",
                              signature(outgoing.secret, outgoing.body, now));
    }
    request.set_body(outgoing.body, "application/json");
    const web::http::http_response response = http.request(request).get();
    const std::string too_long = "the service answered more than 1 MiB";
    if (response.headers().content_length() > OutgoingHttp::kAnswerMax) {
        throw std::runtime_error(too_long);
    }
    std::string text = response.extract_utf8string(true).get();
    if (text.size() > OutgoingHttp::kAnswerMax) throw std::runtime_error(too_long);
    return {.status = response.status_code(), .body = std::move(text)};
}

std::shared_ptr<client::http_client> client_of(const OutgoingRequest& request) {
    client::http_client_config options;
    options.set_timeout(request.timeout);
    options.set_max_redirects(0);
    return std::make_shared<client::http_client>(host_key(request.url), options);
}

}  // namespace

struct OutgoingHttp::Host {
    CircuitBreaker breaker;
    std::shared_ptr<client::http_client> client;  // keeps connections
    std::chrono::seconds timeout{0};              // that the client was made with
};

OutgoingHttp::OutgoingHttp(BlockingPool& pool) : pool_(pool) {}
OutgoingHttp::~OutgoingHttp() = default;

std::shared_ptr<OutgoingHttp::Host> OutgoingHttp::host_of(const std::string& url) {
    // So many hosts come from data, not from settings: what was learned of them is not worth much.
    if (hosts_.size() >= kHostsMax) hosts_.clear();
    auto& host = hosts_[host_key(url)];
    if (!host) host = std::make_shared<Host>();
    return host;
}

awaitable<OutgoingAnswer> OutgoingHttp::post(OutgoingRequest request) {
    using Clock = std::chrono::steady_clock;
    const auto host = host_of(request.url);
    if (!host->breaker.may_call(Clock::now())) {
        const auto left = host->breaker.pause_left(Clock::now());
        throw ServiceIsDown(
            host_key(request.url) + " has failed " + std::to_string(CircuitBreaker::kFailuresMax) +
            " times in a row; it is left alone for " + std::to_string(left.count()) + " ms");
    }
    std::exception_ptr failure;
    OutgoingAnswer answer;
    try {
        if (!host->client || host->timeout != request.timeout) {
            host->client = client_of(request);
            host->timeout = request.timeout;
        }
        auto call = [http = host->client, request = std::move(request)] {
            return post_now(*http, request);
        };
        answer = co_await pool_.run(std::move(call));
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure || answer.status >= 500) {
        host->breaker.on_failure(Clock::now());
    } else {
        host->breaker.on_success();
    }
    if (failure) std::rethrow_exception(failure);
    co_return answer;
}

void expect_success(const OutgoingAnswer& answer, std::string_view who) {
    const int status = answer.status;
    if (status >= 200 && status < 300) return;
    const std::string reason = std::string(who) + " answered " + std::to_string(status) + ": " +
                               std::string(cut(answer.body, kReasonMax));
    const bool is_final = status >= 400 && status < 500 && status != 408 && status != 409 &&
                          status != 425 && status != 429;
    if (is_final) throw jobs::Unrecoverable(reason);
    throw std::runtime_error(reason);
}

std::string signature(const std::string& secret, const std::string& body,
                      std::chrono::sys_seconds now) {
    const std::string time = std::to_string(now.time_since_epoch().count());
    return "t=" + time + ",v1=" + auth::hmac_sha256_hex(secret, time + "." + body);
}

}  // namespace chatflow::worker
