#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <nlohmann/json.hpp>

namespace chatflow::chat {

struct Answer {
    int status = 0;
    std::string content_type;
    std::string retry_after;
    std::string location;
    std::string challenge;  // WWW-Authenticate
    std::string allow;
    std::string rate_limit;
    std::string body;
    std::map<std::string, std::string> headers;  // all of them, names in lower case

    /// Discarded when the body is no JSON.
    [[nodiscard]] nlohmann::json json() const;
};

/// One keep-alive connection, made at the first call and again when it was closed. Blocks.
class ApiClient {
 public:
    explicit ApiClient(int port) : port_(port) {}

    [[nodiscard]] Answer get(std::string_view path, std::string_view more_headers = {});
    /// `more_headers`: "Name: value\r\n".
    [[nodiscard]] Answer post(std::string_view path, const nlohmann::json& body,
                              std::string_view more_headers = {});
    [[nodiscard]] Answer patch(std::string_view path, const nlohmann::json& body);
    [[nodiscard]] Answer put(std::string_view path, const nlohmann::json& body);
    [[nodiscard]] Answer remove(std::string_view path);

    /// With the token, if there is one.
    [[nodiscard]] Answer call(std::string_view method, std::string_view path, std::string_view body,
                              std::string_view more_headers = {},
                              std::string_view content_type = "application/json");

    /// Sends it with each request from now on; "" for none.
    void use_token(std::string token) { token_ = std::move(token); }

    /// Any request, as text. Throws boost::system::system_error when there is no answer.
    [[nodiscard]] Answer exchange(const std::string& request);

    /// The same; nothing when there is no answer.
    [[nodiscard]] std::optional<Answer> try_exchange(const std::string& request);

    /// A request as it goes over the wire.
    [[nodiscard]] static std::string request(std::string_view method, std::string_view path,
                                             std::string_view body = {},
                                             std::string_view content_type = "application/json",
                                             std::string_view more_headers = {});

 private:
    int port_;
    std::string token_;
    boost::asio::io_context io_;
    boost::asio::ip::tcp::socket socket_{io_};
    boost::beast::flat_buffer buffer_;
};

}  // namespace chatflow::chat
