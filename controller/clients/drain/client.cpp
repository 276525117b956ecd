#include "controller/clients/drain/client.hpp"

#include "libs/async/with_deadline.hpp"

#include <exception>
#include <utility>

#include <fmt/format.h>

namespace chatflow::drain {
namespace {

std::string url_of(const std::string& ip, std::int32_t port) {
    const bool is_v6 = ip.contains(':');
    return fmt::format("http://{}{}{}:{}", is_v6 ? "[" : "", ip, is_v6 ? "]" : "", port);
}

const char* method_of(Wish wish) { return wish == Wish::Drain ? "POST" : "DELETE"; }

}  // namespace

awaitable<std::optional<std::string>> Client::ask(Wish wish, std::string pod_ip,
                                                  api::DrainEndpoint endpoint, Deadline deadline) {
    if (pod_ip.empty()) co_return "it has no address yet";
    const std::string what = fmt::format("{} {}", method_of(wish), endpoint.path);
    try {
        const auto transport =
            make_transport_({.base_url = url_of(pod_ip, endpoint.port), .tls = {}});
        const auto answer = co_await transport->send({.method = method_of(wish),
                                                      .target = endpoint.path,
                                                      .headers = {},
                                                      .body = {},
                                                      .response_bytes_max = kAnswerBytesMax},
                                                     deadline.but_within(kAnswerTimeMax));
        if (answer.status >= 200 && answer.status < 300) co_return std::nullopt;
        co_return fmt::format("{} was answered with {}", what, answer.status);
    } catch (const clients::TransportError& error) {
        co_return fmt::format("{} had no answer: {}", what, error.what());
    } catch (const DeadlineExceeded& error) {
        co_return fmt::format("{} had no answer: {}", what, error.what());
    }
}

}  // namespace chatflow::drain
