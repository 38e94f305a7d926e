package awstest

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"strconv"
	"strings"
	"sync"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// privateKey makes the key of a key pair, the n-th of its account in the Region, and
// the fingerprint as EC2 tells it. The keys work, and are the same in every run: they
// are keys for nothing but a test.
//
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html
func privateKey(kind ec2types.KeyType, id string, n int) (material, fingerprint string, err error) {
	if kind == ec2types.KeyTypeEd25519 {
		seed := sha256.Sum256([]byte(id))
		key := ed25519.NewKeyFromSeed(seed[:])
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return "", "", err
		}
		sum := sha256.Sum256(sshStrings([]byte("ssh-ed25519"), key.Public().(ed25519.PublicKey)))
		return pemOf("PRIVATE KEY", der), base64.StdEncoding.EncodeToString(sum[:]), nil
	}
	key := rsaKey(n)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", "", err
	}
	sum := sha1.Sum(der)
	pairs := make([]string, len(sum))
	for i := range sum {
		pairs[i] = hex.EncodeToString(sum[i : i+1])
	}
	return pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)), strings.Join(pairs, ":"), nil
}

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// sshStrings is how SSH writes strings one after another (RFC 4251, section 5).
func sshStrings(parts ...[]byte) (out []byte) {
	for _, p := range parts {
		out = append(binary.BigEndian.AppendUint32(out, uint32(len(p))), p...)
	}
	return out
}

// rsaPrimes are the primes of all RSA keys so far: to find one takes a tenth of a
// second.
var rsaPrimes struct {
	sync.Mutex
	all []*big.Int
}

// rsaKey is the n-th key of 2048 bits, from 1; the standard library makes random ones
// only. Each is of another pair of primes, and many keys are of few primes: whoever
// has two of these keys can work out others.
func rsaKey(n int) *rsa.PrivateKey {
	first, second := n-1, 1
	for ; first >= second; second++ {
		first -= second
	}
	one, e := big.NewInt(1), big.NewInt(65537)
	rsaPrimes.Lock()
	for next := len(rsaPrimes.all); next <= second; next++ {
		rsaPrimes.all = append(rsaPrimes.all, prime(strconv.Itoa(next), e))
	}
	p, q := rsaPrimes.all[first], rsaPrimes.all[second]
	rsaPrimes.Unlock()
	order := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: int(e.Int64())},
		D:         new(big.Int).ModInverse(e, order),
		Primes:    []*big.Int{p, q},
	}
	key.Precompute()
	return key
}

// prime is the first prime of 1024 bits from where a name leads that fits the
// exponent e. Its two highest bits are set, so that the product of two has 2048.
func prime(name string, e *big.Int) *big.Int {
	var raw []byte
	for n := range byte(4) {
		sum := sha256.Sum256(append([]byte(name), n))
		raw = append(raw, sum[:]...)
	}
	raw[0] |= 0xc0
	raw[len(raw)-1] |= 1
	p, two, rest := new(big.Int).SetBytes(raw), big.NewInt(2), new(big.Int)
	for !p.ProbablyPrime(0) || rest.Mod(p, e).Cmp(big.NewInt(1)) == 0 {
		p.Add(p, two)
	}
	return p
}
