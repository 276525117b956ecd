#include "workloads/socket/hub/echo.hpp"

#include "workloads/socket/protocol/json_text.hpp"
#include "workloads/socket/transport/engine.hpp"

#include <string>

namespace chatflow::socket {

void EchoApplication::on_connect(const std::string& socket, const Arrival& arrival) {
    if (arrival.name_space != "/" && arrival.name_space != "/custom") {
        return clients_.refuse(socket, "Invalid namespace", {});
    }
    clients_.accept(socket, {});
    clients_.send(socket, R"(["auth",)" + (arrival.auth.empty() ? "{}" : arrival.auth) + "]");
}

void EchoApplication::on_event(const std::string& socket, const ClientEvent& event) {
    const auto with_name = [&](std::string_view name) {
        std::string text = "[";
        append_json_string(text, name);
        const std::string rest = arguments_array(event);
        if (rest.size() > 2) text += ',';
        return text.append(rest, 1);
    };
    if (event.name == "message") {
        clients_.send_binary(socket, with_name("message-back"), event.attachments);
    } else if (event.name == "message-with-ack" && event.ack_id) {
        clients_.answer(socket, *event.ack_id, arguments_array(event), event.attachments);
    } else if (event.name == "join" && !event.arguments.empty()) {
        clients_.join(socket, std::string(event.arguments[0]));
        if (event.ack_id) clients_.answer(socket, *event.ack_id, "[]", {});
    } else if (event.name == "say" && event.arguments.size() == 2) {
        std::string said = R"(["said",)";
        said.append(event.arguments[1]).append("]");
        clients_.deliver(std::string(event.arguments[0]), said, false, {});
    } else if (event.name == "ask") {
        auto on_answer = [this, socket](std::optional<std::string_view> answer) {
            if (!answer) return;
            clients_.send(socket, R"(["answered",)" + std::string(*answer) + "]");
        };
        clients_.ask(socket, R"(["question",1])", std::move(on_answer));
    }
}

void EchoSessions::on_open(Session& session) { engine_.welcome(session); }

void EchoSessions::on_message(Session& session, bool is_binary, std::string_view message) {
    if (session.dialect() == Dialect::Plain || is_binary) {
        const auto opcode = is_binary ? Opcode::Binary : Opcode::Text;
        return engine_.send(session, Packet::make(opcode, message));
    }
    engine_.send(session, Packet::make(Opcode::Text, "4" + std::string(message)));
}

}  // namespace chatflow::socket
