#include "controller/clients/kube/base64.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>

#include <openssl/evp.h>

namespace chatflow::kube {

std::string encode_base64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // EVP writes a final NUL
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                       static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
    std::string compact;
    const auto is_space = [](unsigned char letter) { return std::isspace(letter) != 0; };
    std::ranges::remove_copy_if(text, std::back_inserter(compact), is_space);
    if (compact.size() % 4 != 0) return std::nullopt;
    const std::size_t padding = compact.ends_with("==") ? 2 : compact.ends_with('=') ? 1 : 0;
    if (compact.find('=') < compact.size() - padding) return std::nullopt;  // EVP would take it
    std::string bytes(compact.size() / 4 * 3, '\0');
    const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                       reinterpret_cast<const unsigned char*>(compact.data()),
                                       static_cast<int>(compact.size()));
    if (length < 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(length) - padding);  // EVP counts the padding, too
    return bytes;
}

}  // namespace chatflow::kube
