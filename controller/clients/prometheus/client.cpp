#include "controller/clients/prometheus/client.hpp"

#include "controller/clients/prometheus/instant_vector.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/base/text.hpp"

#include <cctype>
#include <utility>

#include <fmt/format.h>

namespace chatflow::prom {
namespace {

// 50,000 pods with three containers each take about 40 MB.
constexpr std::size_t kAnswerBytesMax = std::size_t{64} << 20;
constexpr std::size_t kErrorTextMax = 200;

std::string form_encoded(std::string_view text) {
    std::string encoded;
    for (const char c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.') {
            encoded += c;
        } else {
            encoded += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        }
    }
    return encoded;
}

/// As Prometheus reads a moment: seconds since 1970, exact to the millisecond.
std::string seconds_text(TimePoint at) {
    const auto milli = std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()).count();
    return fmt::format("{}.{:03}", milli / 1000, milli % 1000);
}

/// What a refused query says for itself: Prometheus' words where the body is its JSON; else that of
/// whoever stands in between, in whatever encoding.
std::string words_of(const clients::HttpResponse& response) {
    const auto read = read_instant_vector(response.body, {}, [](const VectorSample&) {});
    if (!read && read.error().reason == "QueryFailed") {
        return std::string(cut(read.error().message, kErrorTextMax));
    }
    return fmt::format("Prometheus answered {} {}", response.status,
                       printable(cut(response.body, kErrorTextMax)));
}

}  // namespace

Client::Client(asio::any_io_executor executor, clients::HttpTransport& transport,
               ClientOptions options, QueryObserver observer)
    : transport_(transport),
      options_(std::move(options)),
      observer_(std::move(observer)),
      places_(std::move(executor), options_.queries_in_flight_max) {}

awaitable<std::expected<std::string, api::MetricError>> Client::query(std::string expression,
                                                                      QueryOptions options,
                                                                      Deadline deadline) {
    const auto timeout = std::chrono::duration<double>(options_.query_timeout).count();
    std::string form = fmt::format("query={}&timeout={}s", form_encoded(expression), timeout);
    if (options.lookback) form += fmt::format("&lookback_delta={}s", options.lookback->count());
    co_return co_await ask("/api/v1/query", std::move(form), deadline);
}

awaitable<std::expected<std::string, api::MetricError>> Client::query_range(std::string expression,
                                                                            Range range,
                                                                            Deadline deadline) {
    const auto timeout = std::chrono::duration<double>(options_.query_timeout).count();
    std::string form =
        fmt::format("query={}&start={}&end={}&step={}&timeout={}s", form_encoded(expression),
                    seconds_text(range.from), seconds_text(range.to), range.step.count(), timeout);
    co_return co_await ask("/api/v1/query_range", std::move(form), deadline);
}

awaitable<std::expected<std::string, api::MetricError>> Client::ask(std::string target,
                                                                    std::string form,
                                                                    Deadline deadline) {
    const auto started = std::chrono::steady_clock::now();
    auto answer = co_await send(std::move(target), std::move(form),
                                deadline.but_within(options_.query_timeout));
    observer_(std::chrono::steady_clock::now() - started,
              answer ? std::string_view{} : std::string_view{answer.error().reason});
    co_return answer;
}

awaitable<std::expected<std::string, api::MetricError>> Client::send(std::string target,
                                                                     std::string form,
                                                                     Deadline deadline) {
    clients::HttpRequest request{.method = "POST",
                                 .target = std::move(target),
                                 .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                                 .body = std::move(form),
                                 .response_bytes_max = kAnswerBytesMax};
    try {
        co_await authorize(request, deadline);
        const auto place =
            co_await with_deadline(places_.acquire(), deadline, "waiting for a query");
        auto response = co_await transport_.send(std::move(request), deadline);
        if (response.status != 200) {
            co_return std::unexpected(api::MetricError{"QueryFailed", words_of(response)});
        }
        co_return std::move(response.body);
    } catch (const DeadlineExceeded&) {
        co_return std::unexpected(api::MetricError{
            "QueryTimedOut",
            fmt::format("Prometheus did not answer within {} ms", options_.query_timeout.count())});
    } catch (const kube::CredentialError& failure) {
        co_return std::unexpected(api::MetricError{
            "SourceUnreachable",
            fmt::format("no credential for Prometheus can be had: {}", failure.what())});
    } catch (const clients::TransportError& failure) {
        co_return std::unexpected(api::MetricError{
            "SourceUnreachable", fmt::format("Prometheus cannot be reached: {}", failure.what())});
    }
}

awaitable<void> Client::authorize(clients::HttpRequest& request, Deadline deadline) {
    if (options_.credentials == nullptr) co_return;
    auto credential = co_await options_.credentials->current(deadline);
    transport_.use_tls(credential.tls);
    if (credential.authorization.empty()) co_return;
    request.headers.push_back({"Authorization", std::move(credential.authorization)});
}

}  // namespace chatflow::prom
