#include "controller/clients/patroni/client.hpp"

#include "controller/clients/patroni/answers.hpp"
#include "libs/base/base64.hpp"
#include "libs/base/text.hpp"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::patroni {

using nlohmann::json;

namespace {

constexpr std::size_t kAnswerBytesMax = std::size_t{1} << 20;  // 64 members take about 30 kB
constexpr std::size_t kErrorTextMax = 200;

}  // namespace

awaitable<api::PatroniCluster> Client::cluster(Member member, Deadline deadline) {
    const std::string body = co_await send(std::move(member), "GET", "/cluster", "", deadline);
    auto cluster = read_cluster(body);
    if (!cluster) throw clients::TransportError("the answer to GET /cluster is not Patroni's");
    co_return *std::move(cluster);
}

awaitable<json> Client::settings(Member member, Deadline deadline) {
    const std::string body = co_await send(std::move(member), "GET", "/config", "", deadline);
    json settings = json::parse(body, nullptr, false);
    if (!settings.is_object()) {
        throw clients::TransportError("the answer to GET /config is not Patroni's");
    }
    co_return settings;
}

awaitable<void> Client::patch_settings(Member member, json patch, Deadline deadline) {
    co_await send(std::move(member), "PATCH", "/config", patch.dump(), deadline);
}

awaitable<void> Client::switchover(Member member, std::string leader, std::string candidate,
                                   Deadline deadline) {
    json body{{"leader", leader}};
    if (!candidate.empty()) body["candidate"] = candidate;
    co_await send(std::move(member), "POST", "/switchover", body.dump(), deadline);
}

awaitable<void> Client::restart(Member member, Deadline deadline) {
    co_await send(std::move(member), "POST", "/restart", "{}", deadline);
}

awaitable<void> Client::reinitialize(Member member, Deadline deadline) {
    co_await send(std::move(member), "POST", "/reinitialize", R"({"force": true})", deadline);
}

awaitable<std::string> Client::send(Member member, std::string method, std::string target,
                                    std::string body, Deadline deadline) {
    clients::HttpRequest request{.method = std::move(method),
                                 .target = std::move(target),
                                 .headers = {{"Content-Type", "application/json"}},
                                 .body = std::move(body),
                                 .response_bytes_max = kAnswerBytesMax};
    if (!member.password.empty()) {
        request.headers.push_back(
            {"Authorization", "Basic " + encode_base64("chatflow:" + member.password)});
    }
    const std::string what = fmt::format("{} {}", request.method, request.target);
    clients::HttpResponse response =
        co_await exchange(std::move(member.address), std::move(request), deadline);
    if (response.status < 200 || response.status > 299) {
        throw Refused(response.status, fmt::format("{}: {} {}", what, response.status,
                                                   printable(cut(response.body, kErrorTextMax))));
    }
    co_return std::move(response.body);
}

}  // namespace chatflow::patroni
