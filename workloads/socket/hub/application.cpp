#include "workloads/socket/hub/application.hpp"

namespace chatflow::socket {

std::string arguments_array(const ClientEvent& event) {
    std::string text = "[";
    for (const std::string_view argument : event.arguments) {
        if (text.size() > 1) text += ',';
        text += argument;
    }
    return text + "]";
}

std::string_view name_of(CloseReason reason) {
    switch (reason) {
        case CloseReason::ClientDisconnected:
            return "client namespace disconnect";
        case CloseReason::ServerDisconnected:
            return "server namespace disconnect";
        case CloseReason::TransportClosed:
            return "transport close";
        case CloseReason::TransportError:
            return "transport error";
        case CloseReason::PingTimeout:
            return "ping timeout";
        case CloseReason::TooSlow:
            return "too slow";
        case CloseReason::Draining:
            return "server shutting down";
    }
    return "transport close";
}

bool is_recoverable(CloseReason reason) {
    return reason != CloseReason::ClientDisconnected && reason != CloseReason::ServerDisconnected;
}

}  // namespace chatflow::socket
