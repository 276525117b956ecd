#include "workloads/socket/platform/platform_application.hpp"

#include "libs/base/trace_context.hpp"

#include <chrono>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

namespace chatflow::socket {
namespace {

using namespace std::chrono_literals;

// Within the 10 s that clients are given to connect.
constexpr auto kAdmissionTime = 8s;

}  // namespace

PlatformApplication::PlatformApplication(asio::any_io_executor executor, Platform& platform,
                                         Clients& clients, Log log, std::size_t calls_max)
    : platform_(platform),
      clients_(clients),
      log_(log),
      calls_max_(calls_max),
      calls_(std::move(executor), [log = std::move(log)](const std::exception_ptr& error) {
          try {
              std::rethrow_exception(error);
          } catch (const std::exception& failure) {
              log.error("A call ended", {{"error", failure.what()}});
          }
      }) {}

void PlatformApplication::on_connect(const std::string& socket, const Arrival& arrival) {
    if (arrival.name_space != "/") {
        clients_.refuse(socket, "Invalid namespace", "");
        return;
    }
    arriving_[socket] = false;
    if (calls_.running() >= calls_max_) {
        clients_.close(socket, Ending::ComeBack, "too many calls are under way");
        return;
    }
    calls_.spawn(admit({.socket = socket,
                        .token = token_in(arrival.auth),
                        .session = arrival.pid,
                        .offset = arrival.offset,
                        .trace = arrival.trace}));
}

awaitable<void> PlatformApplication::admit(Applicant applicant) {
    const std::string socket = applicant.socket;
    const Log log =
        log_.with({{"socket", socket}, {"trace_id", continue_trace(applicant.trace).trace_id}});
    const auto admission =
        co_await platform_.admit(std::move(applicant), Deadline::after(kAdmissionTime));
    const auto place = arriving_.find(socket);
    const bool has_left = place != arriving_.end() && place->second;
    if (place != arriving_.end()) arriving_.erase(place);
    if (has_left) {
        platform_.closed(socket, true);
        co_return;
    }
    if (const auto* refused = std::get_if<Refused>(&admission)) {
        log.debug("Client refused", {{"reason", refused->message}});
        clients_.refuse(socket, refused->message, "");
    } else if (std::holds_alternative<Postponed>(admission)) {
        clients_.close(socket, Ending::ComeBack, "temporarily unavailable");
    } else {
        const auto& admitted = std::get<Admitted>(admission);
        log.debug("Client let in", {{"user", admitted.user}, {"recovered", admitted.is_recovered}});
        clients_.accept(socket, {.pid = admitted.session});
        platform_.opened(socket);
    }
}

void PlatformApplication::on_event(const std::string& socket, const ClientEvent& event) {
    if (calls_.running() >= calls_max_ || !event.attachments.empty()) {
        const bool is_binary = !event.attachments.empty();
        if (event.ack_id) {
            const auto answer = refusal_answer(
                is_binary ? "Binary arguments are not taken here" : "Temporarily unavailable",
                !is_binary);
            clients_.answer(socket, *event.ack_id, "[" + answer + "]", {});
        }
        return;
    }
    calls_.spawn(carry_out(socket, std::string(event.name), arguments_array(event), event.ack_id));
}

awaitable<void> PlatformApplication::carry_out(std::string socket, std::string event,
                                               std::string arguments,
                                               std::optional<std::uint64_t> ack_id) {
    const auto answer = co_await platform_.on_event(socket, std::move(event), std::move(arguments));
    if (ack_id && !answer.empty()) clients_.answer(socket, *ack_id, "[" + answer + "]", {});
}

void PlatformApplication::on_close(const std::string& socket, CloseReason reason) {
    const auto place = arriving_.find(socket);
    if (place != arriving_.end()) {
        place->second = true;
        return;
    }
    platform_.closed(socket, is_recoverable(reason));
}

awaitable<void> PlatformApplication::stop() {
    calls_.cancel();
    co_await calls_.wait();
}

std::string token_in(std::string_view auth) {
    const auto value = nlohmann::json::parse(auth, nullptr, /*allow_exceptions=*/false);
    if (!value.is_object()) return {};
    const auto token = value.find("token");
    return token != value.end() && token->is_string() ? token->get<std::string>() : std::string();
}

}  // namespace chatflow::socket
