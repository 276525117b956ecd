#include "tests/integration/chat-server/api_client.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

namespace chatflow::chat {
namespace {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;

}  // namespace

nlohmann::json Answer::json() const { return nlohmann::json::parse(body, nullptr, false); }

std::string ApiClient::request(std::string_view method, std::string_view path,
                               std::string_view body, std::string_view content_type,
                               std::string_view more_headers) {
    std::string text(method);
    text.append(" ").append(path).append(" HTTP/1.1\r\nHost: test\r\n");
    if (method != "GET") {
        if (!content_type.empty())
            text.append("Content-Type: ").append(content_type).append("\r\n");
        text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
    }
    return text.append(more_headers).append("\r\n").append(body);
}

Answer ApiClient::get(std::string_view path, std::string_view more_headers) {
    return call("GET", path, {}, more_headers);
}

Answer ApiClient::post(std::string_view path, const nlohmann::json& body,
                       std::string_view more_headers) {
    return call("POST", path, body.dump(), more_headers);
}

Answer ApiClient::patch(std::string_view path, const nlohmann::json& body) {
    return call("PATCH", path, body.dump());
}

Answer ApiClient::put(std::string_view path, const nlohmann::json& body) {
    return call("PUT", path, body.dump());
}

Answer ApiClient::remove(std::string_view path) { return call("DELETE", path, {}); }

Answer ApiClient::call(std::string_view method, std::string_view path, std::string_view body,
                       std::string_view more_headers, std::string_view content_type) {
    std::string headers =
        token_.empty() ? std::string() : "Authorization: Bearer " + token_ + "\r\n";
    headers.append(more_headers);
    return exchange(request(method, path, body, content_type, headers));
}

Answer ApiClient::exchange(const std::string& request) {
    if (!socket_.is_open()) {
        socket_.connect(
            {asio::ip::address_v4::loopback(), static_cast<asio::ip::port_type>(port_)});
    }
    try {
        asio::write(socket_, asio::buffer(request));
        beast_http::response<beast_http::string_body> response;
        beast_http::read(socket_, buffer_, response);
        Answer answer{.status = static_cast<int>(response.result_int()),
                      .content_type = response["Content-Type"],
                      .retry_after = response["Retry-After"],
                      .location = response["Location"],
                      .challenge = response["WWW-Authenticate"],
                      .allow = response["Allow"],
                      .rate_limit = response["RateLimit"],
                      .body = std::move(response.body()),
                      .headers = {}};
        for (const auto& field : response) {
            std::string name(field.name_string());
            std::ranges::transform(name, name.begin(), [](unsigned char c) {
                return static_cast<char>(std::tolower(c));
            });
            answer.headers.insert_or_assign(std::move(name), std::string(field.value()));
        }
        if (!response.keep_alive()) socket_.close();
        return answer;
    } catch (...) {
        socket_.close();
        buffer_.clear();
        throw;
    }
}

std::optional<Answer> ApiClient::try_exchange(const std::string& request) {
    try {
        return exchange(request);
    } catch (const boost::system::system_error&) {
        socket_.close();
        return std::nullopt;
    }
}

}  // namespace chatflow::chat
