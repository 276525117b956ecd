#include "libs/redis/stream.hpp"

#include "libs/async/resolve.hpp"
#include "libs/base/hex.hpp"

#include <array>
#include <string>

#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace chatflow::redis {
namespace {

std::unique_ptr<asio::ssl::context> make_context(const TlsOptions& tls) {
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
    context->set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
    if (!tls.authorities.empty()) {
        context->add_certificate_authority(asio::buffer(tls.authorities));
    } else if (tls.ca_file.empty()) {
        context->set_default_verify_paths();
    } else {
        context->load_verify_file(tls.ca_file);
    }
    if (!tls.certificate_file.empty()) {
        context->use_certificate_chain_file(tls.certificate_file);
        context->use_private_key_file(tls.key_file, asio::ssl::context::pem);
    }
    context->set_verify_mode(asio::ssl::verify_peer);
    return context;
}

}  // namespace

awaitable<std::unique_ptr<Stream>> Stream::connect(Options options) {
    const auto executor = co_await asio::this_coro::executor;
    const auto endpoints = co_await resolve(options.host, options.port);
    Tcp socket(executor);
    co_await asio::async_connect(socket, endpoints, asio::use_awaitable);
    socket.set_option(asio::ip::tcp::no_delay(true));
    socket.set_option(asio::socket_base::keep_alive(true));
    if (!options.tls.enabled) co_return std::make_unique<Stream>(std::move(socket));

    auto context = make_context(options.tls);
    auto secured = std::make_unique<Tls>(std::move(socket), *context);
    std::string name = options.tls.server_name.empty() ? options.host : options.tls.server_name;
    // The macro SSL_set_tlsext_host_name, without its C cast.
    SSL_ctrl(secured->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             name.data());
    secured->set_verify_callback(asio::ssl::host_name_verification(name));
    co_await secured->async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    co_return std::make_unique<Stream>(std::move(context), std::move(secured));
}

awaitable<std::size_t> Stream::read_some(asio::mutable_buffer buffer) {
    if (auto* plain = std::get_if<std::unique_ptr<Tcp>>(&stream_)) {
        return (*plain)->async_read_some(buffer, asio::use_awaitable);
    }
    return std::get<std::unique_ptr<Tls>>(stream_)->async_read_some(buffer, asio::use_awaitable);
}

awaitable<void> Stream::write(std::string_view bytes) {
    if (auto* plain = std::get_if<std::unique_ptr<Tcp>>(&stream_)) {
        co_await asio::async_write(**plain, asio::buffer(bytes), asio::use_awaitable);
    } else {
        co_await asio::async_write(*std::get<std::unique_ptr<Tls>>(stream_), asio::buffer(bytes),
                                   asio::use_awaitable);
    }
}

std::string Stream::peer_fingerprint() const {
    const auto* secured = std::get_if<std::unique_ptr<Tls>>(&stream_);
    X509* shown = secured ? SSL_get0_peer_certificate((*secured)->native_handle()) : nullptr;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (!shown || X509_digest(shown, EVP_sha256(), digest.data(), &size) != 1) return {};
    return to_hex({digest.data(), size});
}

void Stream::close() {
    boost::system::error_code ignored;  // closing is all that can be done
    const auto close = [&](auto& stream) { stream->lowest_layer().close(ignored); };
    std::visit(close, stream_);
}

}  // namespace chatflow::redis
