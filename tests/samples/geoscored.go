// GeoScored's sample for Go, verbatim but for the imports of the driver: https://geoscored.ai/docs/webhooks
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
)

func verifyWebhook(payload []byte, signature, secret string) bool {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(payload)
	expected := fmt.Sprintf("v1=%s", hex.EncodeToString(mac.Sum(nil)))
	return hmac.Equal([]byte(expected), []byte(signature))
}

// Ours from here on: `verify SECRET SIGNATURE`, the body on stdin. What the sample expects cannot be had from outside.
func main() {
	body, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	fmt.Println(verifyWebhook(body, os.Args[3], os.Args[2]))
}
